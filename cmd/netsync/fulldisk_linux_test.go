package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"netsync/cmd/internal/cli"
)

func TestSyncSaysThatTheDiskIsFull(t *testing.T) {
	t.Parallel()
	dir, disk := t.TempDir(), t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=3m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	if _, code := netsync(t, "init", filepath.Join(dir, "dataset")); code != cli.ExitDone {
		t.Fatalf("netsync init: exit code %d", code)
	}
	d := &demoProcess{t: t, dir: dir}
	d.commit("Begin")
	config := "dataset: {repository: dataset}\ndata_dir: " + disk + "\n"
	if err := os.WriteFile(d.config(), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	fill(t, filepath.Join(disk, "ballast"))
	for _, command := range []string{"sync", "status"} {
		cmd := program(command, "-c", d.config())
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Run(); err == nil {
			t.Fatalf("netsync %s works on a full disk", command)
		}
		if code := cmd.ProcessState.ExitCode(); code != cli.ExitOutside || !strings.Contains(errs.String(), "no space left on the disk of "+disk+": free some") {
			t.Errorf("netsync %s: exit code %d: %s", command, code, errs.String())
		}
	}
}

// fill writes a file until the disk is full.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	for range 1 << 20 {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the disk does not fill")
}
