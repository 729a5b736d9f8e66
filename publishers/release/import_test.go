package release

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// writeOldIndex writes the index of a release as an earlier version did, in
// full or as the differences from an earlier release.
func writeOldIndex(t *testing.T, d *Dir, name, base string) {
	t.Helper()
	encode := func(x index) []byte {
		var b bytes.Buffer
		fmt.Fprintf(&b, "netsync release index 1, files: %d\n", x.count)
		for _, name := range x.sortedNames() {
			e, _ := x.get(name)
			writeLine(&b, name, e)
		}
		return b.Bytes()
	}
	l, err := d.log.findRelease(d.Path(), name)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(d.Path(), releasesDir, name)
	data := encode(l.index)
	if base != "" {
		from, err := d.log.findRelease(d.Path(), base)
		if err != nil {
			t.Fatal(err)
		}
		full := encode(from.index)
		var b bytes.Buffer
		encodeBlock(&b, l, base, from.index.changesTo(l.index), [sha256.Size]byte{})
		_, block, _ := bytes.Cut(b.Bytes(), []byte("\n"))
		data = fmt.Appendf(nil, "netsync release index 2, files: %d, base: %x\n", l.index.count, sha256.Sum256(full))
		data = append(data, block[:bytes.LastIndex(block, []byte(sumPrefix))]...)
		data = fmt.Appendf(data, "%s%x\n", sumPrefix, sha256.Sum256(data))
		err = os.WriteFile(at+baseSuffix, full, 0o644)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(at+indexSuffix, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// A folder with the indexes of an earlier version opens with its releases and
// their unchanged files.
func TestIndexesOfEarlierVersionsAreRead(t *testing.T) {
	for _, damage := range []string{"", "1", "3"} {
		d := mustOpen(t, t.TempDir())
		publish(t, d, "1", tree{"a": "1", "b": "1", "same": "1"})
		publish(t, d, "2", tree{"a": "2", "b": "1", "same": "1"})
		publish(t, d, "3", tree{"a": "3", "c": "1", "same": "1"})
		writeOldIndex(t, d, "1", "")
		writeOldIndex(t, d, "2", "1")
		writeOldIndex(t, d, "3", "1")
		if err := os.Remove(logPath(d.Path())); err != nil {
			t.Fatal(err)
		}
		if damage != "" {
			index := filepath.Join(d.Path(), releasesDir, damage+indexSuffix)
			data, err := os.ReadFile(index)
			if err := errors.Join(err, os.WriteFile(index, data[:len(data)-100], 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		same := inCurrent(t, d, "same")
		d = mustOpen(t, d.Path())
		if got := listEntries(t, d, releasesDir); !slices.Equal(got, []string{"1", "2", "3", "index.log"}) {
			t.Errorf("releases holds %v", got)
		}
		want := tree{"a": "3", "c": "1", "same": "1"}
		checkCurrentIs(t, d, want)
		if damage == "3" {
			if _, err := d.Check(); !errors.Is(err, ErrNoIndex) {
				t.Errorf("Check: %v", err)
			}
			publish(t, d, "4", want)
		} else {
			mustCheck(t, d)
			amend(t, d, "4", tree{"a": "4"})
			want["a"] = "4"
			if !sameInode(t, same, inCurrent(t, d, "same")) {
				t.Error("an unchanged file was not linked")
			}
		}
		checkCurrentIs(t, d, want)
		mustCheck(t, mustOpen(t, d.Path()))
		var kept []string
		releases, err := d.Releases()
		for _, r := range releases {
			kept = append(kept, r.Name)
		}
		if names := strings.ReplaceAll("4 3 2 1", " "+damage, ""); err != nil || damage != "" && strings.Join(kept, " ") != names {
			t.Errorf("without %q: kept %v, %v", damage, kept, err)
		}
		if err := d.RollBack("2"); err != nil {
			t.Error(err)
		}
		checkCurrentIs(t, d, tree{"a": "2", "b": "1", "same": "1"})
	}
}
