package website

import (
	"errors"
	"testing"
	"testing/fstest"

	"netsync/publishers/release"
)

// TestNoPageVanishesWithoutAWord checks a release that has lost a record.
func TestNoPageVanishesWithoutAWord(t *testing.T) {
	t.Parallel()
	r, err := newRenderer(Config{})
	if err != nil {
		t.Fatal(err)
	}
	e := manyRecords(t, 10)
	catalog, err := newCatalog(r.limits, e.Manifest, e.State)
	if err != nil {
		t.Fatal(err)
	}
	b := r.newBuild(e, catalog, newHistory())
	there := fstest.MapFS{"networks/old/index.html": {}, "nl/networks/old/index.html": {}}
	removed := []string{"data/networks/old.json", "data/changes/1..2.json", "networks/older.csv"}
	if err := b.checkRemovedPages(release.Look{FS: there, Removed: removed}); err != nil {
		t.Error(err)
	}
	delete(there, "nl/networks/old/index.html")
	var refused *GateError
	if err := b.checkRemovedPages(release.Look{FS: there, Removed: removed}); !errors.As(err, &refused) || refused.File != "nl/networks/old/index.html" {
		t.Errorf("error %v", err)
	}
}
