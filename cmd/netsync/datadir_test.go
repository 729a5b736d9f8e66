package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netsync/cmd/internal/cli"
)

// A second demo on a folder in use must leave everything as it is: netsync.yaml
// has the ports of the first, by which other commands find it.
func TestASecondDemoOnAFolderChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	d.waitFor("/data/networks.json", "una-europa")
	before, err := os.ReadFile(d.config())
	if err != nil {
		t.Fatal(err)
	}
	cmd := program("demo", "--dir", d.dir, "--listen", "127.0.0.1:0", "--nats", "127.0.0.1:0")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); err == nil {
		t.Fatal("the second demo ran")
	}
	if code := cmd.ProcessState.ExitCode(); code != cli.ExitOutside || !strings.Contains(errs.String(), "in use by another process (process ") {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	if after, err := os.ReadFile(d.config()); err != nil || !bytes.Equal(before, after) {
		t.Errorf("netsync.yaml was\n%s\nand is %v\n%s", before, err, after)
	}
	d.verify()
}

// A folder that is gone, or another one in its place, has no lock of the process
// that began with it.
func TestAProcessEndsWhenItsDataDirectoryIsRemoved(t *testing.T) {
	t.Parallel()
	for name, hurt := range map[string]func(t *testing.T, data string){
		"removed": func(t *testing.T, data string) {
			for deadline := time.Now().Add(patience); os.RemoveAll(data) != nil; { // the process writes to it
				if time.Now().After(deadline) {
					t.Fatal("the folder cannot be removed")
				}
			}
		},
		"replaced": func(t *testing.T, data string) {
			if err := os.Rename(data, data+"-away"); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(data, 0o755); err != nil {
				t.Fatal(err)
			}
		},
		"lock removed": func(t *testing.T, data string) {
			if err := os.Remove(filepath.Join(data, "nats.lock")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			d := newDemo(t)
			d.start()
			d.waitFor("/data/networks.json", "una-europa")
			data := filepath.Join(d.dir, "data")
			hurt(t, data)
			select {
			case <-d.ended:
			case <-time.After(patience):
				t.Fatalf("the process goes on\n%s", d.log)
			}
			if code := d.cmd.ProcessState.ExitCode(); code != cli.ExitOutside || !strings.Contains(d.log.String(), "is not the one that this process began with") {
				t.Errorf("exit code %d\n%s", code, d.log)
			}
		})
	}
}
