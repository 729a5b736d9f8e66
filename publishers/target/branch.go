package target

import (
	"context"
	"errors"
	"fmt"

	"netsync/schema/event"
)

// A branch is a branch to which sites are committed.
type branch interface {
	store
	// findTip returns the commit of the branch; "" if there is no branch.
	findTip(ctx context.Context) (string, error)
	// makeCommit makes a commit of an edit; "" if its tree is that of the tip.
	makeCommit(ctx context.Context, e *edit) (string, error)
	// moveBranch moves the branch from one commit to another that follows it, and
	// only from there.
	moveBranch(ctx context.Context, from, to string) error
}

// known is the knowledge of this process about a branch.
type known struct {
	blobs blobs
	tip   string // that site is of; "" where that is not known
	site  *Site
	step  func(name string) error // a test ends a push between two steps; nil otherwise
}

// reachStep ends a push at a step if a test asks for that.
func (k *known) reachStep(step string) error {
	if k.step == nil {
		return nil
	}
	return k.step(step)
}

func (k *known) forgetAll() { k.blobs, k.tip, k.site = nil, "", nil }

// maxMoves is the number of times that a push starts again because the branch moved.
const maxMoves = 5

// put updates a branch to a site, and reports whether that changed anything.
func (k *known) put(ctx context.Context, b branch, s *Site, afresh bool, explain Explain) (changed bool, err error) {
	if afresh {
		k.forgetAll()
	}
	for range maxMoves {
		if changed, err = k.tryPut(ctx, b, s, explain); !errors.Is(err, ErrMoved) {
			break
		}
	}
	return changed && err == nil, err
}

// tryPut commits the site on the present tip.
func (k *known) tryPut(ctx context.Context, b branch, s *Site, explain Explain) (changed bool, err error) {
	tip, err := b.findTip(ctx)
	if err != nil {
		return false, err
	}
	e, err := k.makeEdit(ctx, b, tip, s)
	if err != nil {
		return false, err
	}
	if e.isEmpty() {
		k.tip, k.site = tip, s
		return false, nil
	}
	if e.message, err = explain(ctx, e.from); err != nil {
		return false, fmt.Errorf("tell what changes: %w", err)
	}
	if err := k.reachStep("commit"); err != nil {
		return false, err
	}
	commit, err := b.makeCommit(ctx, e)
	if err != nil || commit == "" {
		return false, err
	}
	if err := k.reachStep("push"); err != nil {
		return false, err
	}
	if err := moveAndCheck(ctx, b, tip, commit); err != nil {
		return false, err
	}
	k.tip, k.site = commit, s
	return true, k.reachStep("pushed")
}

// moveAndCheck advances a branch. If the answer is lost, it reads the branch.
func moveAndCheck(ctx context.Context, b branch, from, to string) error {
	err := b.moveBranch(ctx, from, to)
	if err == nil {
		return nil
	}
	now, lookErr := b.findTip(ctx)
	switch {
	case lookErr != nil:
		return errors.Join(err, lookErr)
	case now == to:
		return nil
	case now != from:
		return fmt.Errorf("%w: %w", ErrMoved, err)
	}
	return err
}

// readShown returns the position that a commit shows.
func (k *known) readShown(ctx context.Context, b branch, tip string) (event.Position, error) {
	if tip == "" {
		return event.Position{}, nil
	}
	if tip == k.tip {
		return k.site.Position, nil
	}
	t, err := readTree(ctx, b, tip)
	if err != nil {
		return event.Position{}, err
	}
	return t.shows, nil
}
