package target_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"netsync/publishers/target"
	"netsync/schema/shared/githubapi"
	"netsync/schema/testkit/npmtest"
)

func gitHubTarget(t testing.TB, h http.RoundTripper, change func(*target.GitHubConfig)) *target.GitHub {
	t.Helper()
	c := target.GitHubConfig{
		Label: "github", Repository: "o/r", APIURL: "https://api.example.org", Token: token, Branch: "gh-pages",
		AuthorName: "netsync", AuthorEmail: "netsync@localhost", Transport: h,
		Pace: &githubapi.Pace{Sleep: func(context.Context, time.Duration) error { return nil }},
	}
	if change != nil {
		change(&c)
	}
	g, err := target.NewGitHub(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGitHubTarget(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path  string
		begun string // a branch that is there already
		cut   int
	}{
		"an empty repository":        {},
		"a branch that is missing":   {path: "docs/site", begun: "main"},
		"a branch with other things": {path: "public", begun: "gh-pages"},
		"trees that are cut short":   {begun: "gh-pages", cut: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHub()
			h.cut = test.cut
			if test.begun != "" {
				h.alter(test.begun, "", map[string]*string{"elsewhere/code.go": text("package x")})
			}
			testTarget(t, &place{
				open: func(t *testing.T) target.Target {
					return gitHubTarget(t, h, func(c *target.GitHubConfig) { c.Path = test.path })
				},
				files: func(t *testing.T) map[string]string { return h.files("gh-pages", test.path) },
				alter: func(t *testing.T, changes map[string]*string) { h.alter("gh-pages", test.path, changes) },
				reach: func(t *testing.T, up bool) {
					h.mu.Lock()
					defer h.mu.Unlock()
					h.down = !up
				},
				steps: []string{"commit", "push", "pushed"}, whole: true,
			})
			if _, ok := h.files(test.begun, "")["elsewhere/code.go"]; test.begun != "" && !ok {
				t.Error("what lies outside the path was touched")
			}
		})
	}
}

// A change costs a few requests, whatever the size of the site.
func TestGitHubPushSendsOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	h, l := newHub(), newLocal(t)
	files := map[string]string{"logo.png": "\xff\xfe"}
	for i := range 500 {
		files[fmt.Sprintf("data/%d.json", i)] = "{}"
	}
	g := gitHubTarget(t, h, nil)
	push := func() {
		t.Helper()
		s := l.flip(files)
		if changed, err := g.Push(t.Context(), s, false, explainPush(s)); err != nil || !changed {
			t.Fatalf("Push() = %t, %v", changed, err)
		}
	}
	push()
	h.count = map[string]int{}
	files["data/7.json"] = "{1}"
	push()
	want := map[string]int{"GET heads": 1, "GET commits": 1, "POST git": 2, "PATCH heads": 1}
	for what, n := range want {
		if h.count[what] != n {
			t.Errorf("%d requests %s, want %d", h.count[what], what, n)
		}
	}
	if len(h.count) != len(want) {
		t.Errorf("requests: %v", h.count)
	}
}

func TestGitHubBranchThatMovesMeanwhileIsNotOverwritten(t *testing.T) {
	t.Parallel()
	h, l := newHub(), newLocal(t)
	h.alter("gh-pages", "", map[string]*string{"README": text("theirs")})
	moved := false
	h.fail = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch && !moved {
			moved = true
			h.mu.Unlock()
			h.alter("gh-pages", "", map[string]*string{"LICENCE": text("theirs")})
			h.mu.Lock()
		}
		return false
	}
	s := l.flip(map[string]string{"index.html": "x"})
	g := gitHubTarget(t, h, nil)
	if changed, err := g.Push(t.Context(), s, false, explainPush(s)); err != nil || !changed {
		t.Fatalf("Push() = %t, %v", changed, err)
	}
	theirs(t, &place{files: func(*testing.T) map[string]string { return h.files("gh-pages", "") }}, "README", "LICENCE", "index.html")
}

func TestGitHubIsLeftAloneWhenItAsksForIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code   int
		header map[string]string
		body   string
		least  time.Duration
	}{
		"retry-after": {429, map[string]string{"Retry-After": "7"}, `{}`, 7 * time.Second},
		"secondary":   {403, map[string]string{"Retry-After": "30"}, `{"documentation_url":"https://docs.github.com/rest/overview/resources-in-the-rest-api#secondary-rate-limits"}`, 30 * time.Second},
		"primary":     {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Limit": "60", "X-RateLimit-Reset": "4102444800"}, `{}`, time.Hour},
		"no word":     {429, nil, `{}`, time.Minute},
	} {
		h, l := newHub(), newLocal(t)
		h.alter("gh-pages", "", nil)
		h.fail = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet {
				return false
			}
			for key, value := range test.header {
				w.Header().Set(key, value)
			}
			w.WriteHeader(test.code)
			_, _ = w.Write([]byte(test.body))
			return true
		}
		s := l.flip(map[string]string{"index.html": "x"})
		_, err := gitHubTarget(t, h, nil).Push(t.Context(), s, false, explainPush(s))
		var later *target.LaterError
		if !errors.As(err, &later) || later.After < test.least || strings.Contains(err.Error(), token) {
			t.Errorf("%s: Push() = %v", name, err)
		}
	}
}

// Prism looks at every request as GitHub describes them.
func TestRequestsOfThePushAreAsGitHubDescribesThem(t *testing.T) {
	t.Parallel()
	const repo = "/repos/{owner}/{repo}"
	address := npmtest.Prism(t, repo, repo+"/git/ref/{ref}", repo+"/git/refs/{ref}", repo+"/git/refs", repo+"/git/commits",
		repo+"/git/commits/{commit_sha}", repo+"/git/trees", repo+"/git/trees/{tree_sha}", repo+"/git/blobs", repo+"/git/blobs/{file_sha}", repo+"/contents/{path}")
	w := &witness{t: t, prism: address, hub: newHub()}
	l := newLocal(t)
	g := gitHubTarget(t, w, func(c *target.GitHubConfig) { c.Path = "docs" })
	files := map[string]string{"index.html": "x", "logo.png": "\xff\xfe", "old.html": "x"}
	for range 2 {
		s := l.flip(files)
		if changed, err := g.Push(t.Context(), s, false, explainPush(s)); err != nil || !changed {
			t.Fatalf("Push() = %t, %v", changed, err)
		}
		delete(files, "old.html")
	}
	w.hub.alter("gh-pages", "docs", map[string]*string{"CNAME": text("x")})
	if found, err := g.Compare(t.Context(), l.site()); err != nil || len(found) > 0 {
		t.Errorf("Compare() = %v, %v", found, err)
	}
	if w.asked < 12 {
		t.Errorf("only %d requests were looked at", w.asked)
	}
}
