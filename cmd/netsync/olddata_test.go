package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/schema/testkit/npmtest"
)

// unpack unpacks an installation that an older netsync made: a dataset, its
// configuration and its data.
func unpack(t *testing.T, archive string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, h.Name)
		switch h.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(path, 0o755)
		case tar.TypeSymlink:
			err = os.Symlink(h.Linkname, path)
		case tar.TypeLink:
			err = os.Link(filepath.Join(dir, h.Linkname), path)
		case tar.TypeReg:
			var data []byte
			if data, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(path, data, 0o644)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// rename commits another name of the network.
func rename(t *testing.T, dir, name string) {
	t.Helper()
	file := filepath.Join(dir, "dataset", "networks", "first-network.yaml")
	data, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte(strings.Replace(string(data), "name: First Network of All", "name: "+name, 1)), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	git := exec.Command("git", "-C", filepath.Join(dir, "dataset"), "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--all", "--message", "Rename")
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func TestDataOfOlderBuildsOpens(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/data/*.tar.gz")
	if err != nil || len(archives) != 3 {
		t.Fatal(archives, err)
	}
	archives = archives[:npmtest.Rounds(1, len(archives))]
	for _, archive := range archives {
		t.Run(filepath.Base(archive), func(t *testing.T) {
			t.Parallel()
			dir := unpack(t, archive)
			config := filepath.Join(dir, "netsync.yaml")
			must := func(args ...string) string {
				t.Helper()
				out, code := netsync(t, append(args, "-c", config)...)
				if code != cli.ExitDone {
					t.Fatalf("netsync %v: exit code %d\n%s", args, code, out)
				}
				return out
			}
			if out := must("sync"); !strings.Contains(out, "Nothing to publish") {
				t.Errorf("old data is published again: %s", out)
			}
			must("verify")
			if out := must("status"); strings.Contains(out, "made again") {
				t.Errorf("the stream is told to be another one:\n%s", out)
			}
			if out := must("digest", "list"); strings.Count(out, "1 change to Our University") != 1 {
				t.Errorf("the digest that was sent is not known:\n%s", out)
			}
			if out := must("digest", "preview", "--format", "text"); !strings.Contains(out, "First Network of All") || strings.Contains(out, "Our University") {
				t.Errorf("the next digest does not begin where the last ended:\n%s", out)
			}
			if strings.HasPrefix(filepath.Base(archive), "2026-11-26") {
				if out := must("subscribers", "list"); !strings.Contains(out, "ada@example.org") || !strings.Contains(out, "grace@example.org") {
					t.Errorf("subscribers are gone:\n%s", out)
				}
			}
			rename(t, dir, "Another name")
			must("sync")
			must("verify")
			// What was backed up comes back.
			file := filepath.Join(dir, "old.tar.zst")
			must("backup", "--no-encryption", "--to", file)
			if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil {
				t.Fatal(err)
			}
			must("restore", file)
			must("sync")
			must("verify")
		})
	}
}

func TestNewerDataIsRefused(t *testing.T) {
	t.Parallel()
	dir := unpack(t, "testdata/data/2026-11-26.tar.gz")
	config := filepath.Join(dir, "netsync.yaml")
	if out, code := netsync(t, "status", "-c", config); code != cli.ExitDone {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	file := filepath.Join(dir, "data", process.FormatFile)
	data, err := os.ReadFile(file)
	if err != nil || string(data) != strconv.Itoa(process.DataFormat)+"\n" {
		t.Fatalf("the data directory has the format %q, %v", data, err)
	}
	for text, want := range map[string]string{strconv.Itoa(process.DataFormat + 1): "a newer netsync has written to it", "junk": "does not hold the number"} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"run", "sync", "status", "verify", "backup"} {
			cmd := program(command, "-c", config)
			out, err := cmd.CombinedOutput()
			if err == nil || cmd.ProcessState.ExitCode() != cli.ExitUsage || !strings.Contains(string(out), want) {
				t.Errorf("netsync %s on data of format %q: exit code %d\n%s", command, text, cmd.ProcessState.ExitCode(), out)
			}
		}
		if now, err := os.ReadFile(file); err != nil || string(now) != text {
			t.Errorf("the format was changed to %q", now)
		}
	}
}
