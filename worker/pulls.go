package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"netsync/worker/git"
)

// Pulls compares pull requests with the branch. It has a mirror of its own: a
// pull request may hold anything, and must not get into the mirror that the
// worker publishes from. Pulls neither runs nor checks out anything. It is safe
// for concurrent use.
type Pulls struct {
	Git  git.Config // the branch; Dir is a cache that may be deleted
	Path string     // folder of the dataset in the repository; "" is the root
	// Published returns the last good version of a record that has errors on
	// the branch.
	Published Lookup
	Now       func() time.Time // nil means time.Now

	mu     sync.Mutex
	mirror *git.Mirror
}

// ErrNotThere is returned if the repository does not have an expected commit
// yet.
var ErrNotThere = errors.New("the commit is not there yet")

// Compare returns what the pull request would change if it were merged: it
// compares its head with the merge base. It also returns the head, which may be
// newer than hint, a commit that the caller knows of. The error is ErrNotThere
// if the repository does not have hint yet.
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
	c, err := compareCommits(ctx, p.mirror.Repository, base, head, p.Path, p.currentTime(), p.Published)
	if err != nil {
		return "", nil, doing(err)
	}
	return head, c, nil
}

// fetch returns the merge base of the pull request and the branch, and the head
// of the pull request.
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

func (p *Pulls) currentTime() time.Time {
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
