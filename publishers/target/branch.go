package target

import (
	"context"
	"errors"
	"fmt"

	"netsync/schema/event"
)

// A branch is where sites are committed.
type branch interface {
	store
	// tip is the commit that the branch is at; "" where there is no branch.
	tip(ctx context.Context) (string, error)
	// commit makes a commit of an edit; "" where its tree is the tip's.
	commit(ctx context.Context, e *edit) (string, error)
	// advance moves the branch from one commit to another that follows it, and
	// only from there.
	advance(ctx context.Context, from, to string) error
}

// known is what this process knows of a branch.
type known struct {
	blobs blobs
	tip   string // that site is of; "" where that is not known
	site  *Site
	step  func(name string) error // a test ends a push between two steps; nil otherwise
}

// reach ends a push where a test wants it.
func (k *known) reach(step string) error {
	if k.step == nil {
		return nil
	}
	return k.step(step)
}

func (k *known) forget() { k.blobs, k.tip, k.site = nil, "", nil }

// maxMoves is how often a push is begun again because the branch moved.
const maxMoves = 5

// put brings a branch to a site, and reports whether that changed anything.
func (k *known) put(ctx context.Context, b branch, s *Site, afresh bool, explain Explain) (changed bool, err error) {
	if afresh {
		k.forget()
	}
	for range maxMoves {
		if changed, err = k.attempt(ctx, b, s, explain); !errors.Is(err, ErrMoved) {
			break
		}
	}
	return changed && err == nil, err
}

// attempt puts the site onto the tip as it is now.
func (k *known) attempt(ctx context.Context, b branch, s *Site, explain Explain) (changed bool, err error) {
	tip, err := b.tip(ctx)
	if err != nil {
		return false, err
	}
	e, err := k.edit(ctx, b, tip, s)
	if err != nil {
		return false, err
	}
	if e.empty() {
		k.tip, k.site = tip, s
		return false, nil
	}
	if e.message, err = explain(ctx, e.from); err != nil {
		return false, fmt.Errorf("tell what changes: %w", err)
	}
	if err := k.reach("commit"); err != nil {
		return false, err
	}
	commit, err := b.commit(ctx, e)
	if err != nil || commit == "" {
		return false, err
	}
	if err := k.reach("push"); err != nil {
		return false, err
	}
	if err := move(ctx, b, tip, commit); err != nil {
		return false, err
	}
	k.tip, k.site = commit, s
	return true, k.reach("pushed")
}

// move advances a branch. Where the answer is lost, the branch itself tells
// what came of it.
func move(ctx context.Context, b branch, from, to string) error {
	err := b.advance(ctx, from, to)
	if err == nil {
		return nil
	}
	now, lookErr := b.tip(ctx)
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

// shown reads what a commit says that it shows.
func (k *known) shown(ctx context.Context, b branch, tip string) (event.Position, error) {
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
