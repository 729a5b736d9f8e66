package newsletter

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"netsync/publishers/newsletter/subscribers"
)

// Imported is the result of an import, in rows.
type Imported struct {
	Added   int `json:"added"`
	Changed int `json:"changed"` // subscribers whose preferences change
	Same    int `json:"same"`
	Left    int `json:"left"` // unsubscribed before, and not added
}

// Import adds subscribers without a confirmation by mail. It does not add those
// who unsubscribed, unless again is set. After an error, importing the same
// again adds the rest.
func (n *Newsletter) Import(ctx context.Context, all []subscribers.Request, again bool) (Imported, error) {
	return n.importAll(ctx, all, again, true)
}

// WouldImport returns the result of Import without changing anything.
func (n *Newsletter) WouldImport(ctx context.Context, all []subscribers.Request, again bool) (Imported, error) {
	return n.importAll(ctx, all, again, false)
}

func (n *Newsletter) importAll(ctx context.Context, all []subscribers.Request, again, write bool) (done Imported, err error) {
	l, err := n.Subscribers(ctx)
	if err != nil {
		return done, err
	}
	h, err := n.readHistory(ctx, l.Dataset())
	if err != nil {
		return done, fmt.Errorf("newsletter: %w", err)
	}
	for _, r := range all {
		count, changes, err := done.counterFor(ctx, l, r, again)
		if err == nil && changes && write {
			_, _, err = n.addSubscriber(ctx, l, h, r, subscribers.ByImport)
		}
		if err != nil {
			return done, fmt.Errorf("newsletter: import subscribers: %w", err)
		}
		*count++
	}
	return done, nil
}

// counterFor returns the counter for a row, and whether the row changes the
// list.
func (i *Imported) counterFor(ctx context.Context, l *subscribers.List, r subscribers.Request, again bool) (count *int, changes bool, err error) {
	id := l.ID(r.Address)
	s, err := l.Get(ctx, id)
	switch {
	case errors.Is(err, subscribers.ErrUnknown):
		left, err := l.Left(ctx, id)
		if err == nil && !left.IsZero() && !again {
			return &i.Left, false, nil
		}
		return &i.Added, true, err
	case err != nil:
		return nil, false, err
	case s.Suspended.IsZero() && s.Language == r.Language && s.Frequency == r.Frequency && slices.Equal(s.Topics, r.Topics):
		return &i.Same, false, nil
	}
	return &i.Changed, true, nil
}
