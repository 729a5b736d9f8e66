package validate_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

// TestAFolderThatIsFollowedIsReadLikeOneThatIsOpened edits a folder at random,
// and holds what is known from step to step against a reading of all of it.
func TestAFolderThatIsFollowedIsReadLikeOneThatIsOpened(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	dir := t.TempDir()
	options := validate.Options(time.Now())
	snap, delta, err := snapshot.ReadFolder(t.Context(), os.DirFS(dir), options)
	if err != nil {
		t.Fatal(err)
	}
	var checker validate.Checker
	checker.Check(snap, delta)
	names := slices.Sorted(maps.Keys(variants))
	for range 60 {
		var touched []string
		for range 1 + random.IntN(3) {
			name := names[random.IntN(len(names))]
			put(t, filepath.Join(dir, name), variants[name][random.IntN(len(variants[name]))])
			touched = append(touched, name)
		}
		if delta, err = snap.UpdateFolder(t.Context(), os.DirFS(dir), touched, options); err != nil {
			t.Fatal(err)
		}
		found := checker.Check(snap, delta)
		whole, all, err := snapshot.ReadFolder(t.Context(), os.DirFS(dir), options)
		if err != nil {
			t.Fatal(err)
		}
		var afresh validate.Checker
		if d := cmp.Diff(afresh.Check(whole, all), found); d != "" {
			t.Fatalf("after %v (-whole +followed):\n%s", touched, d)
		}
		if !slices.Equal(whole.IDs(), snap.IDs()) || !slices.Equal(whole.Paths(), snap.Paths()) {
			t.Fatalf("after %v: files %v, want %v", touched, snap.Paths(), whole.Paths())
		}
		for _, id := range whole.IDs() {
			want, _ := whole.Get(id)
			if got, _ := snap.Get(id); got.Digest != want.Digest {
				t.Fatalf("after %v: %s = %s, want %s", touched, id, got.JSON, want.JSON)
			}
		}
	}
}

// put writes a file, or takes it away where nothing stands in it.
func put(t *testing.T, name, content string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil && content == "" {
		if err = os.Remove(name); os.IsNotExist(err) {
			err = nil
		}
	} else if err == nil {
		err = os.WriteFile(name, []byte(content), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
