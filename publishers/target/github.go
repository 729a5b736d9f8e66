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

// A GitHubConfig is the configuration of a GitHub target.
type GitHubConfig struct {
	Label      string // name of the target
	Repository string // owner/name
	APIURL     string // https://api.github.com; another for GitHub Enterprise Server
	Token      string
	Branch     string
	Path       string // folder in the repository; "" is its root
	// Author is the author and committer of the commits.
	AuthorName, AuthorEmail string
	// Transport makes requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Pace is shared by all users of the token; nil means a new one.
	Pace *githubapi.Pace
}

// Validate returns an error for a missing setting.
func (c GitHubConfig) Validate() error {
	owner, name, ok := strings.Cut(c.Repository, "/")
	u, err := url.Parse(c.APIURL)
	if !ok || owner == "" || name == "" || c.Label == "" || c.Token == "" || c.Branch == "" || c.AuthorName == "" || c.AuthorEmail == "" ||
		err != nil || u.Host == "" {
		return errors.New("target: a GitHub target needs a name, owner/name, an API, a token, a branch and an author")
	}
	return nil
}

// GitHub is a branch of a repository on GitHub, which it changes through GitHub's API,
// without git. Every push is one commit on the tip that was read.
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

// NewGitHub returns a target. It makes no request.
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

// Name implements Target.
func (g *GitHub) Name() string { return g.Label }

// Address implements Target: the branch and the repository.
func (g *GitHub) Address() string {
	address := g.Branch + " of " + g.Repository
	if g.Path != "" {
		address += "/" + g.Path
	}
	return address + " on GitHub"
}

// Shown implements Target: it reads the tip of the branch.
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

// Push implements Target: it commits the differences from the tip of the branch, if there
// are any.
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

// Compare implements Target: it compares the tip of the branch with the site.
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
