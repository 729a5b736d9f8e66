package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema"
	"netsync/schema/event"
)

// A DamagedError says that the broker has lost or changed a part of a stream
// that is not its end. Nothing that follows from such a stream can be relied
// on, and a broker does not mend it.
type DamagedError struct {
	Stream  string
	Problem string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("stream %s is damaged: %s; stop netsync, move the broker's store away "+
		"(the folder nats in data_dir; in a broker of your own, delete the stream) and start again: "+
		"Git has everything, the stream and every channel are made anew from it", e.Stream, e.Problem)
}

func (r *Reader) damaged(format string, args ...any) error {
	return &DamagedError{Name(r.dataset), fmt.Sprintf(format, args...)}
}

// Whole says how far the stream goes, and reports a *DamagedError where the
// broker itself knows that it lacks messages, or cannot give the last one. A
// message that is changed within is for Audit to find.
//
// A broker that finds its files damaged drops what it cannot read, from the
// middle or from the end, logs that, and goes on.
func (r *Reader) Whole(ctx context.Context) (last event.Seq, err error) {
	info, err := r.stream.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the state of stream %s: %w", Name(r.dataset), err)
	}
	s := info.State
	if s.LastSeq == 0 {
		return 0, nil
	}
	if s.Msgs != s.LastSeq || s.NumDeleted > 0 {
		return 0, r.damaged("it should hold messages 1 to %d and holds %d of them", s.LastSeq, s.Msgs)
	}
	_, err = r.stream.GetMsg(ctx, s.LastSeq)
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return 0, r.damaged("the last message, %d, cannot be read: %s", s.LastSeq, api.Description)
	}
	if err != nil {
		return 0, fmt.Errorf("read message %d of stream %s: %w", s.LastSeq, Name(r.dataset), err)
	}
	return event.Seq(s.LastSeq), nil
}

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
	a := audit{current: make(map[schema.RecordID]schema.Digest)}
	for m, err := range r.Replay(ctx, 1, last) {
		var broken *malformedError
		switch {
		case errors.As(err, &broken):
			return nil, 0, r.damaged("%v", err)
		case err != nil:
			return nil, 0, err
		}
		if err := a.take(m); err != nil {
			return nil, 0, r.damaged("message %d: %v", m.Seq, err)
		}
	}
	return &a.fold, last, nil
}

// audit is what was read of a stream so far.
type audit struct {
	fold    event.Fold
	seen    event.Seq
	current map[schema.RecordID]schema.Digest // of every record, "" where it was removed
	changes int                               // since the last changeset event
}

func (a *audit) take(m Message) error {
	if m.Seq != a.seen+1 {
		return fmt.Errorf("it comes after message %d: what is between cannot be read", a.seen)
	}
	a.seen = m.Seq
	if m.Change != nil {
		a.changes++
		id := m.Change.RecordID()
		if before := valueOf(m.Change.PreviousDigest); before != a.current[id] {
			return fmt.Errorf("%s follows revision %q, the message before has %q", id, before.Short(), a.current[id].Short())
		}
		a.current[id] = valueOf(m.Change.Digest)
	}
	if m.Changeset != nil {
		if m.Changeset.Events != a.changes {
			return fmt.Errorf("changeset %s announces %d events and has %d", m.Changeset.ID, m.Changeset.Events, a.changes)
		}
		a.changes = 0
	}
	_, err := a.fold.Apply(m.Event, m.Seq)
	return err
}

func valueOf(d *schema.Digest) schema.Digest {
	if d == nil {
		return ""
	}
	return *d
}
