// Package gittest serves repositories to tests as others do.
package gittest

import (
	"net/http"
	"net/http/cgi" //nolint:gosec // it runs git's own server, for tests
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Private serves a repository, and lets push to it, by git-http-backend(1): to
// whoever shows the token as the password of basic authentication. It returns
// the repository's address.
func Private(t testing.TB, dir, token string) (address string) {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("git", "-C", dir, "config", "http.receivepack", "true").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	backend := &cgi.Handler{
		Path: git, Args: []string{"http-backend"}, Dir: filepath.Dir(dir),
		Env:    []string{"GIT_PROJECT_ROOT=" + filepath.Dir(dir), "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=netsync"},
		Stderr: &strings.Builder{},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != token {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/" + filepath.Base(dir)
}
