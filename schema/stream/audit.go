package stream

import (
	"context"
	"errors"
	"fmt"

	"netsync/schema"
	"netsync/schema/event"
)

// Audit folds the stream as Latest does, but reads every message, and holds
// each against the ones before it. The error is a *DamagedError where one is
// missing, cannot be read, or does not fit.
//
// A stream that lost its end is not damaged: it is as it was once.
func (r *Reader) Audit(ctx context.Context) (*event.Fold, event.Seq, error) {
	last, err := r.Whole(ctx)
	if err != nil {
		return nil, 0, err
	}
	a := Auditor{Fold: *r.Fold()}
	for m, err := range r.Replay(ctx, 1, last) {
		var broken *malformedError
		switch {
		case errors.As(err, &broken):
			return nil, 0, r.damaged("%v", err)
		case err != nil:
			return nil, 0, err
		}
		if problems := a.Take(m); len(problems) > 0 {
			return nil, 0, r.damaged("message %d: %v", m.Seq, errors.Join(problems...))
		}
	}
	return &a.Fold, last, nil
}

// An Auditor folds a stream from its first message on and holds every message
// against the ones before it. The zero value is ready.
type Auditor struct {
	Fold event.Fold

	seen    event.Seq
	current map[schema.RecordID]schema.Digest
	changes int // since the last changeset event
}

// Current returns the digest that a record has by now; "" where it is not
// there.
func (a *Auditor) Current(id schema.RecordID) schema.Digest { return a.current[id] }

// Take takes the next message in and returns what does not fit.
func (a *Auditor) Take(m Message) []error {
	var problems []error
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if m.Seq != a.seen+1 {
		problem("it comes after message %d: what is between cannot be read", a.seen)
	}
	a.seen = m.Seq
	if c := m.Change; c != nil {
		a.changes++
		id := c.RecordID()
		if before := valueOf(c.PreviousDigest); before != a.current[id] {
			problem("%s follows revision %q, the message before has %q", id, before.Short(), a.current[id].Short())
		}
		if a.current == nil {
			a.current = make(map[schema.RecordID]schema.Digest)
		}
		a.current[id] = valueOf(c.Digest)
	}
	if cs := m.Changeset; cs != nil {
		if cs.Events != a.changes {
			problem("changeset %s announces %d events and has %d", cs.ID, cs.Events, a.changes)
		}
		a.changes = 0
	}
	if _, err := a.Fold.Apply(m.Event, m.Seq); err != nil {
		problem("%w", err)
	}
	return problems
}

func valueOf(d *schema.Digest) schema.Digest {
	if d == nil {
		return ""
	}
	return *d
}
