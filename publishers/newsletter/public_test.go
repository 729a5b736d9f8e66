package newsletter_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netsync/publishers/newsletter"
	"netsync/schema/event"
)

// TestNoDraftIsWhereWebServersRead checks that drafts and notes are in no file that
// a web server serves, nor in any release that it could serve.
func TestNoDraftIsWhereWebServersRead(t *testing.T) {
	t.Parallel()
	d, dir := newDesk(t), t.TempDir()
	n := d.newsletter(t, dir)
	const note = "Embargoed until Thursday"
	setNote(t, n, "", note)
	if draft := drafted(t, n); draft.Note != note || draft.Empty {
		t.Fatalf("the draft: %+v", draft)
	}
	sentence := drafted(t, n).Sections[0].Items[0].Sentence
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path == filepath.Join(dir, newsletter.DraftsFolder) {
				return filepath.SkipDir
			}
			return nil
		}
		data, err := os.ReadFile(path)
		if entry.Type()&os.ModeSymlink != 0 {
			return nil // current: what it leads to is read by itself
		}
		for _, secret := range []string{note, sentence} {
			if strings.Contains(string(data), secret) {
				t.Errorf("%s holds %q", path, secret)
			}
		}
		if strings.HasPrefix(entry.Name(), "next.") || entry.Name() == "pending.json" {
			t.Errorf("%s is there", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, newsletter.DraftsFolder)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the drafts: %v, %v", info.Mode(), err)
	}
}

// TestACrashBetweenDraftAndArchiveIsMended resets the archive to its state before
// a draft was flipped.
func TestACrashBetweenDraftAndArchiveIsMended(t *testing.T) {
	t.Parallel()
	h, dir := newHistory(t), t.TempDir()
	h.story()
	last := len(h.entries)
	n := open(t, dir)
	publish(t, n, h.edition(0, last-1, true))
	before, err := os.Readlink(filepath.Join(dir, "current"))
	if err != nil {
		t.Fatal(err)
	}
	publish(t, n, h.edition(last-1, last, false))
	want := shown(t, dir)
	relink(t, dir, before)
	n = open(t, dir)
	if p, err := n.Position(context.Background()); err != nil || p != h.edition(0, last-1, true).Position {
		t.Errorf("after the crash: %+v, %v", p, err)
	}
	publish(t, n, h.edition(last-1, last, false))
	if diff := cmp.Diff(want, shown(t, dir)); diff != "" {
		t.Error(diff)
	}
	if p, err := n.Position(context.Background()); err != nil || p != h.edition(0, last, true).Position {
		t.Errorf("mended: %+v, %v", p, err)
	}
}

func relink(t *testing.T, dir, target string) {
	t.Helper()
	link := filepath.Join(dir, "current")
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
}

// TestAFolderWithDraftsInItIsRebuilt checks a folder of an earlier version, which
// stored drafts in the public release.
func TestAFolderWithDraftsInItIsRebuilt(t *testing.T) {
	t.Parallel()
	h, dir := newHistory(t), t.TempDir()
	h.story()
	last := len(h.entries)
	publish(t, open(t, dir), h.edition(0, last, true))
	want := shown(t, dir)
	drafts := filepath.Join(dir, newsletter.DraftsFolder)
	for name, text := range releaseFiles(t, drafts) {
		if err := os.WriteFile(filepath.Join(dir, "current", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(drafts); err != nil {
		t.Fatal(err)
	}
	n := open(t, dir)
	if p, err := n.Position(context.Background()); err != nil || p != (event.Position{}) {
		t.Errorf("%+v, %v", p, err)
	}
	publish(t, n, h.edition(0, last, true))
	if diff := cmp.Diff(want, shown(t, dir)); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(filepath.Join(dir, "current", "next.html")); !os.IsNotExist(err) {
		t.Errorf("the old draft is still served: %v", err)
	}
}
