package git_test

import (
	"net/http"
	"net/http/cgi" //nolint:gosec // it runs git's own server for a test
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"netsync/worker/git"
)

// private serves a repository by HTTP to whoever shows a token, with git's own
// server.
func private(t *testing.T, s source, token string) (address string) {
	t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	backend := filepath.Join(strings.TrimSpace(string(path)), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		t.Skipf("skipped: git has no HTTP server here: %v", err)
	}
	handler := &cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(s.dir), "GIT_HTTP_EXPORT_ALL=1"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, got, _ := r.BasicAuth(); got != token {
			w.Header().Set("WWW-Authenticate", `Basic realm="private"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/" + filepath.Base(s.dir)
}

func TestAPrivateRepositoryIsReadWithAToken(t *testing.T) {
	t.Setenv("HOME", t.TempDir()) // no helper knows a login
	s := newSource(t)
	want := s.commits(commit{files: files("a")})[0]
	address := private(t, s, "s3cret")
	for _, tt := range []struct{ token, says string }{
		{"s3cret", ""},
		{"", "set github.token"},
		{"wr0ng", "set github.token"},
	} {
		m, err := git.Open(t.Context(), git.Config{Repository: address, Token: tt.token, Ref: "main", Dir: filepath.Join(t.TempDir(), "mirror")})
		if err != nil {
			t.Fatal(err)
		}
		tip, err := m.Tip(t.Context())
		if err == nil {
			err = m.Fetch(t.Context(), tip)
		}
		switch {
		case tt.says == "" && (err != nil || tip != want):
			t.Errorf("with the token: %s, %v", tip, err)
		case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "wr0ng")):
			t.Errorf("with the token %q: %v", tt.token, err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}
