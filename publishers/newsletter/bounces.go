package newsletter

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"netsync/publishers/newsletter/subscribers"
)

// Bounced is what reports of mail that could not be delivered came to.
type Bounced struct {
	Counted   int `json:"counted"`   // with a subscriber
	Suspended int `json:"suspended"` // because of it
	Passed    int `json:"passed"`    // those of a passing kind, or of nobody on the list
}

// Bounced takes in failures that were reported after a message was taken.
func (n *Newsletter) Bounced(ctx context.Context, failures []subscribers.Failure) (b Bounced, err error) {
	l, err := n.Subscribers(ctx)
	if err != nil {
		return b, err
	}
	for _, f := range failures {
		if !f.IsHard() {
			b.Passed++
			continue
		}
		suspended := false
		s, err := l.Change(ctx, l.ID(f.Address), func(s *subscribers.Subscriber) error {
			suspended = s.Bounce(n.Now())
			return nil
		})
		switch {
		case errors.Is(err, subscribers.ErrUnknown):
			b.Passed++
			continue
		case err != nil:
			return b, fmt.Errorf("newsletter: count a bounce: %w", err)
		}
		b.Counted++
		if suspended {
			b.Suspended++
			n.logSuspended(s)
		}
	}
	return b, nil
}

// logSuspended names nobody but by the id that the list of subscribers shows.
func (n *Newsletter) logSuspended(s subscribers.Subscriber) {
	n.Log.Info("subscriber suspended: mail to them bounces again and again", zap.String("subscriber", s.ID), zap.Int("bounces", s.Bounces))
}
