package newsletter

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"netsync/publishers/newsletter/subscribers"
)

// Bounced is the result of processing reports of undelivered mail.
type Bounced struct {
	Counted   int `json:"counted"`   // of a subscriber
	Suspended int `json:"suspended"` // because of it
	Passed    int `json:"passed"`    // temporary failures, and those of unknown addresses
}

// Bounced processes delivery failures that were reported after the server
// accepted a message.
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

// logSuspended logs the id of a suspended subscriber, not the address.
func (n *Newsletter) logSuspended(s subscribers.Subscriber) {
	n.Log.Info("subscriber suspended after repeated bounces", zap.String("subscriber", s.ID), zap.Int("bounces", s.Bounces))
}
