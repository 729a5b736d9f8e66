// Package npmtest finds the npm packages that some tests need: public corpora,
// GitHub's payloads, the description of its API. .ci/run installs them outside
// the repository.
package npmtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Folder returns the folder of an npm package. Where it is not installed, the
// test is skipped, unless NETSYNC_TEST_REQUIRE lists what it is needed for.
func Folder(t testing.TB, name, needed string) string {
	t.Helper()
	prefix, err := nodePrefix()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(prefix, "node_modules", filepath.FromSlash(name))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	Missing(t, "npm package "+name+" in "+prefix, needed)
	return ""
}

// Missing skips the test for want of something, unless NETSYNC_TEST_REQUIRE
// lists what it is needed for: then the test fails.
func Missing(t testing.TB, what, needed string) {
	t.Helper()
	if Required(needed) {
		t.Fatalf("there is no %s, and NETSYNC_TEST_REQUIRE asks for %s", what, needed)
	}
	t.Skipf("skipped: there is no %s; .ci/run installs what tests need", what)
}

// Required reports whether NETSYNC_TEST_REQUIRE lists what a test needs beyond
// Go and Git, so that it must not be skipped.
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
