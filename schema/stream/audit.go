package stream

import (
	"context"
	"errors"
	"fmt"

	"netsync/schema"
	"netsync/schema/event"
)

// Audit folds the stream as Latest does, but reads every message. hidden is
// what messages that are set aside hide. The error is a *DamagedError if a
// message is missing.
//
// A stream that lost its end is not damaged: it equals an earlier state of
// itself.
func (r *Reader) Audit(ctx context.Context) (fold *event.Fold, hidden Hidden, last event.Seq, err error) {
	if last, err = r.Whole(ctx); err != nil {
		return nil, hidden, 0, err
	}
	fold = r.Fold()
	for m, err := range r.Replay(ctx, 1, last) {
		if err == nil {
			err = r.Take(fold, &hidden, m)
		}
		if err != nil {
			return nil, hidden, 0, err
		}
	}
	return fold, hidden, last, nil
}

// Take folds the next message and records what it hides. A changeset event that
// announces another state than the fold's is set aside: a later one may
// announce the right state.
func (r *Reader) Take(fold *event.Fold, hidden *Hidden, m Message) error {
	_, err := fold.Apply(m.Event, m.Seq)
	if diverged, ok := errors.AsType[*event.ErrDiverged](err); ok {
		m.Event, m.SetAside, err = event.Event{}, diverged, nil
		reportSetAside(r, m)
	}
	hidden.Note(r.dataset, m)
	return err
}

// An Auditor folds a stream from its first message and checks every message
// against the earlier ones. The zero value is ready to use.
type Auditor struct {
	Fold     event.Fold
	SetAside int // messages that are not events of the dataset

	seen    event.Seq
	current map[schema.RecordID]schema.Digest
	changes int   // since the last changeset event
	wrong   error // of a rejected changeset event; nil after a later valid one
}

// Current returns the current digest of a record, or "".
func (a *Auditor) Current(id schema.RecordID) schema.Digest { return a.current[id] }

// Err returns why the stream's last changeset event does not match its state,
// or nil.
func (a *Auditor) Err() error { return a.wrong }

// Take checks the next message and returns its problems.
func (a *Auditor) Take(m Message) []error {
	var problems []error
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if m.Seq != a.seen+1 {
		problem("it comes after message %d: what is between cannot be read", a.seen)
	}
	a.seen = m.Seq
	if m.SetAside != nil {
		a.SetAside++
		return problems
	}
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
	complete, err := a.Fold.Apply(m.Event, m.Seq)
	if _, ok := errors.AsType[*event.ErrDiverged](err); ok {
		a.SetAside++
		a.wrong = err
		return problems
	}
	if err != nil {
		problem("%w", err)
	}
	if complete {
		if m.Changeset.Events != a.changes {
			problem("changeset %s announces %d events and has %d", m.Changeset.ID, m.Changeset.Events, a.changes)
		}
		a.changes, a.wrong = 0, nil
	}
	return problems
}

func valueOf(d *schema.Digest) schema.Digest {
	if d == nil {
		return ""
	}
	return *d
}
