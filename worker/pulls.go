package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"netsync/worker/git"
)

// Pulls compares pull requests with the branch, in a mirror of its own: what
// is in a pull request is anybody's work, and stays out of the mirror that is
// published from. Nothing of it is run or checked out. It is safe for use by
// several goroutines.
type Pulls struct {
	Git  git.Config // the branch; Dir is a cache that may be deleted
	Path string     // folder of the dataset in the repository; "" is the root
	// Published finds the last good version of a record that has errors on the
	// branch.
	Published Lookup
	Now       func() time.Time // nil means time.Now

	mu     sync.Mutex
	mirror *git.Mirror
}

// ErrNotThere says that a repository does not show a commit yet that somebody
// was told of.
var ErrNotThere = errors.New("the commit is not there yet")

// Compare says what the pull request would change if it were merged: it
// compares its head with the commit where it left the branch. The head is
// returned; it is where the pull request is by now, which may be past the hint
// that somebody gave. The error is ErrNotThere where it is not as far as that.
func (p *Pulls) Compare(ctx context.Context, number int, hint git.CommitID) (git.CommitID, *Comparison, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	doing := func(err error) error { return fmt.Errorf("compare pull request %d: %w", number, err) }
	base, head, err := p.fetch(ctx, number)
	if err != nil {
		return "", nil, doing(err)
	}
	if hint.Valid() {
		if has, err := p.mirror.Has(ctx, hint); err != nil || !has {
			return "", nil, doing(errors.Join(err, ErrNotThere))
		}
	}
	c, err := compare(ctx, p.mirror.Repository, base, head, p.Path, p.now(), p.Published)
	if err != nil {
		return "", nil, doing(err)
	}
	return head, c, nil
}

// fetch returns where the pull request left the branch, and its head.
func (p *Pulls) fetch(ctx context.Context, number int) (base, head git.CommitID, err error) {
	if p.mirror == nil {
		if p.mirror, err = git.Open(ctx, p.Git); err != nil {
			return "", "", err
		}
	}
	tip, err := p.mirror.Tip(ctx)
	if err != nil {
		return "", "", err
	}
	if has, err := p.mirror.Has(ctx, tip); err != nil || !has {
		if err := errors.Join(err, p.mirror.Fetch(ctx, tip)); err != nil {
			return "", "", err
		}
	}
	if head, err = p.mirror.FetchPull(ctx, number); err != nil {
		return "", "", err
	}
	base, ok, err := p.mirror.MergeBase(ctx, tip, head)
	if err == nil && !ok {
		base = tip
	}
	return base, head, err
}

func (p *Pulls) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}

// Close ends the processes that read the mirror.
func (p *Pulls) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mirror == nil {
		return nil
	}
	err := p.mirror.Close()
	p.mirror = nil
	return err
}
