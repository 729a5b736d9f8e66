package git_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netsync/worker/git"
)

func TestHostileRepositoriesAndRefsAreRefused(t *testing.T) {
	t.Parallel()
	touched := filepath.Join(t.TempDir(), "touched")
	good := git.Config{Repository: "https://example.org/x.git", Ref: "main", Dir: filepath.Join(t.TempDir(), "mirror")}
	for _, repository := range []string{
		"", "-x", "--upload-pack=touch " + touched, "-u touch " + touched, "ext::sh -c touch% " + touched, "EXT::sh -c x",
		"fd::17", "::x", "transport::address", "ext://x", "javascript://x", "HTTPS://example.org", "https://example.org/\nx", "a\x00b", "\x7f",
	} {
		c := good
		c.Repository = repository
		if _, err := git.Open(t.Context(), c); err == nil {
			t.Errorf("repository %q is let through", repository)
		}
	}
	for _, ref := range []string{
		"", "-x", "--upload-pack=x", "a..b", "..", "a b", "a~1", "a^{}", "a:b", "+a:b", "a?", "a*", "a[b]", "a\\b", "a\nb", "a\x00b", "a\x7fb",
	} {
		c := good
		c.Ref = ref
		if _, err := git.Open(t.Context(), c); err == nil {
			t.Errorf("ref %q is let through", ref)
		}
	}
	if _, err := os.Stat(touched); err == nil {
		t.Error("a command ran")
	}
	c := good
	c.Dir = ""
	if err := c.Validate(); err == nil {
		t.Error("no folder is let through")
	}
}

func TestUsualRepositoriesAndRefsAreLetThrough(t *testing.T) {
	t.Parallel()
	for _, repository := range []string{
		"https://github.com/u/r.git", "http://localhost:3000/r", "ssh://git@example.org:22/r.git", "git@github.com:u/r.git",
		"git://example.org/r", "file:///srv/r", "/srv/r", "./r", "../r", "r with spaces", "https://[2001:db8::1]/r.git", "ssh://git@[::1]:22/r",
	} {
		for _, ref := range []string{"main", "HEAD", "refs/heads/main", "feature/a-b.c", "v1.0", "größe", "a@b"} {
			if err := (git.Config{Repository: repository, Ref: ref, Dir: "x"}).Validate(); err != nil {
				t.Errorf("%s at %s: %v", repository, ref, err)
			}
		}
	}
}

func TestNoPasswordStandsInAnError(t *testing.T) {
	t.Parallel()
	for _, repository := range []string{"http://u:secret@127.0.0.1:1/r", "http://secret@127.0.0.1:1/r", "file://u:secret@localhost/nowhere/r"} {
		m, err := git.Open(t.Context(), git.Config{Repository: repository, Ref: "main", Dir: filepath.Join(t.TempDir(), "mirror")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = m.Tip(t.Context()); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("Tip() = %v", err)
		}
		if err = m.Fetch(t.Context(), git.CommitID(strings.Repeat("a", 40))); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("Fetch() = %v", err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}
