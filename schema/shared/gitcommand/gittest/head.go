package gittest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// NoMaintenance is for a commit of a test: git looks for what to pack after each
// one otherwise, in a process of its own.
const NoMaintenance = "maintenance.auto=false"

// Head returns the id of the commit that was just made in a work tree. It starts
// no process if the folder is a repository of its own.
func Head(t testing.TB, dir string) string {
	t.Helper()
	if head, ok := strings.CutPrefix(readLine(dir, "HEAD"), "ref: "); ok {
		if id := readLine(dir, head); id != "" {
			return id
		}
	}
	out, err := exec.Command("git", "-C", dir, "rev-parse", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// readLine reads a file of a repository; "" if it cannot be read.
func readLine(dir, name string) string {
	data, err := os.ReadFile(filepath.Join(dir, ".git", filepath.FromSlash(name)))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
