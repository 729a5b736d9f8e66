package git_test

import (
	"path/filepath"
	"strings"
	"testing"

	"netsync/schema/shared/gitcommand/gittest"
	"netsync/worker/git"
)

func TestAPrivateRepositoryIsReadWithAToken(t *testing.T) {
	t.Setenv("HOME", t.TempDir()) // no helper knows a login
	s := newSource(t)
	want := s.commits(commit{files: files("a")})[0]
	address := gittest.Private(t, s.dir, "s3cret")
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
