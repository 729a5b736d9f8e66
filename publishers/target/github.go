package target

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/google/go-github/v60/github"

	"netsync/publishers/release"
	"netsync/schema/event"
	"netsync/schema/shared/githubapi"
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
	// Pace is that of the token; nil is one of its own.
	Pace *githubapi.Pace
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
	known known
}

var (
	_ Target = (*GitHub)(nil)
	_ branch = (*GitHub)(nil)
)

// NewGitHub makes a target. It starts nothing and asks nothing.
func NewGitHub(c GitHubConfig) (*GitHub, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	client := github.NewClient(&http.Client{Transport: c.newTransport()})
	base, err := url.Parse(strings.TrimSuffix(c.APIURL, "/") + "/")
	if err != nil {
		return nil, err
	}
	client.BaseURL = base
	g := &GitHub{GitHubConfig: c, client: client}
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
	tip, err := g.findTip(ctx)
	if err != nil && !errors.Is(err, errEmpty) {
		return event.Position{}, g.wrapError("look at", err)
	}
	p, err := g.known.readShown(ctx, g, tip)
	return p, g.wrapError("look at", err)
}

// Push commits what differs from the tip of the branch, and nothing where
// nothing does.
func (g *GitHub) Push(ctx context.Context, s *Site, afresh bool, explain Explain) (changed bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	changed, err = g.known.put(ctx, begun{g}, s, afresh, explain)
	return changed, g.wrapError("push to", err)
}

func (g *GitHub) wrapError(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", doing, g.Address(), asLater(wrapConflict(g.Address(), err)))
}

// Compare reads the tip of the branch and holds it against the site.
func (g *GitHub) Compare(ctx context.Context, s *Site) ([]release.Difference, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	tip, err := g.findTip(ctx)
	if err != nil && !errors.Is(err, errEmpty) {
		return nil, g.wrapError("compare", err)
	}
	t, err := readTree(ctx, g, tip)
	if err != nil {
		return nil, g.wrapError("compare", err)
	}
	found, err := t.compare(view{s}, &g.known.blobs)
	return found, g.wrapError("compare", err)
}
