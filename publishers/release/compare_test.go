package release

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func fsOf(files tree) fstest.MapFS {
	m := make(fstest.MapFS)
	for name, content := range files {
		m[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return m
}

func TestCompareNamesEveryDifference(t *testing.T) {
	long := strings.Repeat("x", 32<<10)
	tests := []struct {
		a, b tree
		want []Difference
	}{
		{tree{}, tree{}, nil},
		{tree{"a": "1", "d/b": long}, tree{"a": "1", "d/b": long}, nil},
		{tree{"a": "1"}, tree{"a": "2"}, []Difference{{Changed, "a"}}},
		{tree{"a": long}, tree{"a": long + "x"}, []Difference{{Changed, "a"}}},
		{tree{"a": long + long}, tree{"a": long + long[1:] + "y"}, []Difference{{Changed, "a"}}},
		{tree{"a": "1", "c": "1"}, tree{"b": "1", "c": "2"}, []Difference{{Missing, "a"}, {Extra, "b"}, {Changed, "c"}}},
	}
	for _, tt := range tests {
		got, err := Compare(fsOf(tt.a), fsOf(tt.b))
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("Compare = %v, %v, want %v", got, err, tt.want)
		}
	}
}

func TestCompareOfReleases(t *testing.T) {
	files := tree{"a": "1", "d/b": "2"}
	a, b := mustOpen(t, t.TempDir()), mustOpen(t, t.TempDir())
	publish(t, a, "1", tree{"x": "1"})
	publish(t, a, "2", files)
	publish(t, b, "9", files)
	ra, _ := a.Current()
	rb, _ := b.Current()
	if found, err := Compare(ra.FS(), rb.FS()); err != nil || len(found) > 0 {
		t.Fatalf("Compare = %v, %v", found, err)
	}
}

func TestCheckFindsWhatIsExtra(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	publish(t, d, "1", tree{"a": "1"})
	if err := os.WriteFile(inCurrent(t, d, "b"), []byte("1"), 0o644); err != nil {
		t.Fatal(err)
	}
	found, err := d.Check()
	if err != nil || len(found) != 1 || found[0].String() != "extra b" {
		t.Fatalf("Check = %v, %v", found, err)
	}
}

func TestEqualReadersOfAnyLength(t *testing.T) {
	for _, n := range []int{0, 1, 32<<10 - 1, 32 << 10, 32<<10 + 1, 64 << 10} {
		data := bytes.Repeat([]byte{7}, n)
		if same, err := equalReaders(bytes.NewReader(data), bytes.NewReader(data)); !same || err != nil {
			t.Errorf("%d bytes: %v, %v", n, same, err)
		}
		if same, _ := equalReaders(bytes.NewReader(data), bytes.NewReader(append(data, 1))); same {
			t.Errorf("%d bytes equal one more", n)
		}
	}
}

// BenchmarkFlipOneOfMany measures a flip after a change of one file of many.
func BenchmarkFlipOneOfMany(b *testing.B) {
	const files = 100_000
	d := mustOpen(b, b.TempDir())
	name := func(i int) string { return fmt.Sprintf("networks/%02x/%d/index.html", i%256, i) }
	s := mustStage(b, d, "0", false, nil)
	for i := range files {
		if err := s.Write(name(i), fmt.Appendf(nil, "page %d %s", i, strings.Repeat("x", 1000))); err != nil {
			b.Fatal(err)
		}
	}
	mustFlip(b, s)
	for n := 1; b.Loop(); n++ {
		s := mustStage(b, d, fmt.Sprintf("%06d", n), false, nil)
		for i := range files {
			if i == n {
				continue
			}
			if err := s.Keep(name(i)); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Write(name(n), []byte("changed")); err != nil {
			b.Fatal(err)
		}
		mustFlip(b, s)
	}
}
