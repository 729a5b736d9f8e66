package target

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v60/github"

	"netsync/publishers/release"
	"netsync/schema/event"
)

// A GitHubConfig says where a site is committed through GitHub's API.
type GitHubConfig struct {
	Label      string // what the target is called
	Repository string // owner/name
	APIURL     string // https://api.github.com; another for GitHub Enterprise Server
	Token      string
	Branch     string
	Path       string // folder in the repository; "" is its root
	// Author is author and committer of the commits.
	AuthorName, AuthorEmail string
	// Transport is the way to the API; nil is the usual one.
	Transport http.RoundTripper
	// Pause waits between writes; nil sleeps.
	Pause func(ctx context.Context, d time.Duration) error
}

// Validate reports what is missing.
func (c GitHubConfig) Validate() error {
	owner, name, ok := strings.Cut(c.Repository, "/")
	u, err := url.Parse(c.APIURL)
	if !ok || owner == "" || name == "" || c.Label == "" || c.Token == "" || c.Branch == "" || c.AuthorName == "" || c.AuthorEmail == "" ||
		err != nil || u.Host == "" {
		return errors.New("target: a GitHub target needs a name, owner/name, an API, a token, a branch and an author")
	}
	return nil
}

// GitHub is a branch of a repository on GitHub, written to through its API.
// It needs no Git. Every push is one commit onto the tip that was looked at.
type GitHub struct {
	GitHubConfig
	owner, repo string
	client      *github.Client

	mu    sync.Mutex
	blobs blobs
	last  known
	step  func(name string) error // a test ends a push between two steps
}

var (
	_ Target = (*GitHub)(nil)
	_ store  = (*GitHub)(nil)
	_ store  = (*Git)(nil)
)

// NewGitHub makes a target. It starts nothing and asks nothing.
func NewGitHub(c GitHubConfig) (*GitHub, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	way := newGitHubWay(c)
	client := github.NewClient(&http.Client{Transport: way})
	base, err := url.Parse(strings.TrimSuffix(c.APIURL, "/") + "/")
	if err != nil {
		return nil, err
	}
	client.BaseURL = base
	g := &GitHub{GitHubConfig: c, client: client, step: func(string) error { return nil }}
	g.owner, g.repo, _ = strings.Cut(c.Repository, "/")
	return g, nil
}

// Name is what the target is called.
func (g *GitHub) Name() string { return g.Label }

// Address is branch and repository.
func (g *GitHub) Address() string {
	address := g.Branch + " of " + g.Repository
	if g.Path != "" {
		address += "/" + g.Path
	}
	return address + " on GitHub"
}

// Shown reads what the tip of the branch says that it shows.
func (g *GitHub) Shown(ctx context.Context) (event.Position, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	tip, err := g.tip(ctx)
	if errors.Is(err, errEmpty) {
		return event.Position{}, nil
	}
	if err != nil || tip == "" {
		return event.Position{}, g.wrap("look at", err)
	}
	if tip == g.last.tip {
		return g.last.site.Position, nil
	}
	t, err := readTree(ctx, g, tip)
	if err != nil {
		return event.Position{}, g.wrap("look at", err)
	}
	return t.shows, nil
}

// Push commits what differs from the tip of the branch, and nothing where
// nothing does.
func (g *GitHub) Push(ctx context.Context, s *Site, afresh bool, explain Explain) (changed bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if afresh {
		g.last, g.blobs = known{}, nil
	}
	for range maxMoves {
		changed, err = g.attempt(ctx, s, explain)
		if !errors.Is(err, ErrMoved) {
			break
		}
	}
	return changed && err == nil, g.wrap("push to", err)
}

func (g *GitHub) wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", doing, g.Address(), asLater(at(g.Address(), err)))
}

// attempt puts the site onto the tip as it is now.
func (g *GitHub) attempt(ctx context.Context, s *Site, explain Explain) (changed bool, err error) {
	tip, err := g.tip(ctx)
	if errors.Is(err, errEmpty) {
		if err = g.begin(ctx); err == nil {
			tip, err = g.tip(ctx)
		}
	}
	if err != nil {
		return false, err
	}
	e, err := newEdit(ctx, g, tip, s, g.last, &g.blobs)
	if err != nil {
		return false, err
	}
	if e.empty() {
		g.last = known{tip, s}
		return false, nil
	}
	if e.message, err = explain(ctx, e.from); err != nil {
		return false, fmt.Errorf("tell what changes: %w", err)
	}
	if err := g.step("commit"); err != nil {
		return false, err
	}
	commit, err := g.commit(ctx, e)
	if err != nil || commit == "" {
		return false, err
	}
	if err := g.step("push"); err != nil {
		return false, err
	}
	if err := g.move(ctx, tip, commit); err != nil {
		return false, err
	}
	g.last = known{commit, s}
	return true, g.step("pushed")
}

// Compare reads the tip of the branch and holds it against the site.
func (g *GitHub) Compare(ctx context.Context, s *Site) ([]release.Difference, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	tip, err := g.tip(ctx)
	if err != nil && !errors.Is(err, errEmpty) {
		return nil, g.wrap("compare", err)
	}
	t, err := readTree(ctx, g, tip)
	if err != nil {
		return nil, g.wrap("compare", err)
	}
	found, err := t.compare(view{s}, &g.blobs)
	return found, g.wrap("compare", err)
}
