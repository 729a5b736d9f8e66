package main

import (
	"os"
	"path/filepath"
	"testing"

	"netsync/cmd/internal/cli"
)

func TestARecordIsMadeInADatasetWithImages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sampleRepository(t, dir)
	(&demoProcess{t: t, dir: dir}).showLogo("1")
	dataset := filepath.Join(dir, "dataset")
	if out, code := netsync(t, "new", "organization", "somebody", "-C", dataset); code != cli.ExitDone {
		t.Errorf("netsync new: exit code %d\n%s", code, out)
	}
	if _, err := os.Stat(filepath.Join(dataset, "organizations", "somebody.yaml")); err != nil {
		t.Error(err)
	}
}
