// Package npmtest runs the tests that need more than Go and Git, or take long, only
// where NETSYNC_TEST_REQUIRE asks for them, and finds what they need: programs, and
// npm packages, which .ci/run installs outside the repository.
package npmtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Folder returns the folder of an npm package that a test needs for "html",
// "axe", … (see Need).
func Folder(t testing.TB, name, needed string) string {
	t.Helper()
	Need(t, needed)
	prefix, err := nodePrefix()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(prefix, "node_modules", filepath.FromSlash(name))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	t.Fatalf("no npm package %s in %s: .ci/run installs it", name, prefix)
	return ""
}

// Program returns the path of a program that a test needs for "browser", "s3", …
// (see Need), by the first of its names in the PATH or in /usr/sbin, where Debian
// has servers.
func Program(t testing.TB, needed string, names ...string) string {
	t.Helper()
	Need(t, needed)
	for _, name := range names {
		for _, name := range []string{name, filepath.Join("/usr/sbin", name)} {
			if path, err := exec.LookPath(name); err == nil {
				return path
			}
		}
	}
	t.Fatalf("no program %s: .ci/run installs it", names[0])
	return ""
}

// Need skips a test that needs more than Go and Git, unless NETSYNC_TEST_REQUIRE
// lists what that is: "go test ./..." does the same on every machine, and is quick.
func Need(t testing.TB, what string) {
	t.Helper()
	if !Required(what) {
		t.Skipf("skipped: NETSYNC_TEST_REQUIRE=%s runs it, as .ci/run does", what)
	}
}

// Required reports whether NETSYNC_TEST_REQUIRE, a list separated by commas, has an
// entry.
func Required(what string) bool {
	return slices.Contains(strings.Split(os.Getenv("NETSYNC_TEST_REQUIRE"), ","), what)
}

// nodePrefix is where .ci/run installs npm packages, or NETSYNC_TEST_NODE.
func nodePrefix() (string, error) {
	if dir := os.Getenv("NETSYNC_TEST_NODE"); dir != "" {
		return dir, nil
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		cache = filepath.Join(home, ".cache")
	}
	return filepath.Join(cache, "netsync-ci", "node"), nil
}
