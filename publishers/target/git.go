package target

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/gofrs/flock"

	"netsync/publishers/release"
	"netsync/schema/event"
)

// A GitConfig is the configuration of a Git target.
type GitConfig struct {
	Label      string // name of the target
	Repository string // a path, or an https, ssh, git or file address, without credentials
	Branch     string
	Path       string // folder in the repository; "" is its root
	Token      string // for https; "" if Git has credentials
	// Author is the author and committer of the commits.
	AuthorName, AuthorEmail string
	// Dir is the folder of a bare repository, which is a cache.
	Dir string
}

// Validate returns an error for a missing setting, or one that git could misunderstand.
func (c GitConfig) Validate() error {
	switch {
	case c.Label == "" || c.Repository == "" || c.Branch == "" || c.Dir == "":
		return errors.New("target: a Git target needs a name, a repository, a branch and a folder to work in")
	case strings.HasPrefix(c.Repository, "-") || strings.Contains(c.Repository, "::") || strings.HasPrefix(c.Branch, "-"):
		return fmt.Errorf("target: %q is no repository and branch", c.Repository+" "+c.Branch)
	case strings.ContainsAny(c.AuthorName+c.AuthorEmail, "<>\n\x00") || c.AuthorName == "" || c.AuthorEmail == "":
		return errors.New("target: the author of commits needs a name and an address, without angle brackets")
	}
	return nil
}

// Git is a branch of a Git repository. Every push is one commit on the tip that was read;
// nothing is checked out.
type Git struct {
	GitConfig

	mu     sync.Mutex
	known  known
	doubt  bool // the local repository may be damaged
	pushes int
}

var (
	_ Target = (*Git)(nil)
	_ branch = (*Git)(nil)
)

// NewGit returns a target. It does not access the repository.
func NewGit(c GitConfig) (*Git, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Git{GitConfig: c}, nil
}

// Name implements Target.
func (g *Git) Name() string { return g.Label }

// Address implements Target: the branch and the repository.
func (g *Git) Address() string {
	address := userInfo.ReplaceAllString(g.Repository, "${1}")
	if g.Path != "" {
		address += "/" + g.Path
	}
	return g.Branch + " of " + address
}

// withLock calls do while no other process uses the local repository.
func (g *Git) withLock(ctx context.Context, do func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := os.MkdirAll(g.Dir, 0o755); err != nil {
		return err
	}
	lock := flock.New(g.Dir + ".lock")
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return fmt.Errorf("wait for another process that works in %s: %w", g.Dir, err)
	}
	defer lock.Close()
	if err := g.open(ctx); err != nil {
		return err
	}
	err := do()
	g.doubt = mayBeLocal(err)
	return err
}

// Shown implements Target: it reads the tip of the branch.
func (g *Git) Shown(ctx context.Context) (event.Position, error) {
	var p event.Position
	err := g.withLock(ctx, func() error {
		tip, err := g.findTip(ctx)
		if err == nil {
			p, err = g.known.readShown(ctx, g, tip)
		}
		return err
	})
	if err != nil {
		return p, fmt.Errorf("look at %s: %w", g.Address(), err)
	}
	return p, nil
}

// Push implements Target: it commits the differences from the tip of the branch, if there
// are any.
func (g *Git) Push(ctx context.Context, s *Site, afresh bool, explain Explain) (changed bool, err error) {
	err = g.withLock(ctx, func() error {
		changed, err = g.known.put(ctx, g, s, afresh, explain)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("push to %s: %w", g.Address(), wrapConflict(g.Address(), err))
	}
	return changed, nil
}

// Compare implements Target: it compares the tip of the branch with the site.
func (g *Git) Compare(ctx context.Context, s *Site) ([]release.Difference, error) {
	var found []release.Difference
	err := g.withLock(ctx, func() error {
		tip, err := g.findTip(ctx)
		if err != nil {
			return err
		}
		t, err := readTree(ctx, g, tip)
		if err == nil {
			found, err = t.compare(view{s}, &g.known.blobs)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("compare %s: %w", g.Address(), err)
	}
	return found, nil
}
