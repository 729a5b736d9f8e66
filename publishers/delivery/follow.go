package delivery

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"netsync/schema/event"
	"netsync/schema/stream"
)

// A start is where the stream ended when an endpoint started: a new endpoint
// begins there, also if the stream could not be read at once.
type start struct {
	at     time.Time // when the endpoint started
	failed bool      // the stream could not be read since then
	empty  bool      // there was no stream since then
}

// recordError takes the outcome of an attempt to read the stream.
func (s *start) recordError(err error) {
	s.empty = s.empty || errors.Is(err, stream.ErrNoStream)
	s.failed = s.failed || err != nil
}

// findPosition returns the last message that was in the stream at the start.
func (s *start) findPosition(ctx context.Context, r *stream.Reader, newest event.Seq) (event.Seq, error) {
	switch {
	case s.empty:
		return 0, nil
	case !s.failed:
		return newest, nil
	}
	first, err := r.FirstAt(ctx, s.at)
	return min(first-1, newest), err
}

// findStart returns the message to continue after. A new endpoint begins where the
// stream ended at the start. An endpoint that counts in a stream which was deleted
// and created since gets a Gap first, and continues with the newest changeset.
func (e *Endpoint) findStart(ctx context.Context, r *stream.Reader, b *stream.Bucket) (from event.Seq, err error) {
	err = e.changeState(ctx, b, func(s *State, found bool) error {
		// The stream is read after the state: another process may note a newer
		// changeset at any time, and the stream has that one by then.
		newest, _, err := r.LastChangeset(ctx)
		if err != nil {
			return err
		}
		first, err := e.start.findPosition(ctx, r, newest.Seq)
		if err != nil {
			return err
		}
		from, err = e.enterEpoch(s, found, r.Epoch(), newest.Seq, first)
		return err
	})
	wake(e.wake)
	return from, err
}

// enterEpoch takes a state into an epoch whose newest changeset is given, and where
// a new endpoint begins. It returns the message to go on after. The error is
// stream.ErrUnchanged if the state is of that epoch.
func (e *Endpoint) enterEpoch(s *State, found bool, epoch stream.Epoch, newest, first event.Seq) (from event.Seq, err error) {
	known := found && epoch.Has(s.Epoch, s.Sequence) && s.Sequence <= newest
	from = s.Changeset // take skips deliveries of the next one that the state has
	if known && s.Epoch == epoch.ID {
		return from, stream.ErrUnchanged
	}
	before := *s
	s.Epoch = epoch.ID
	if known && before.Epoch == "" {
		return from, nil // an older netsync wrote the rest
	}
	if !known {
		from = first
		if found {
			from = newest
		}
		*s = State{Changeset: from, Sequence: from, Epoch: epoch.ID, Made: s.Made, Last: s.Last, Gone: s.Gone, Dead: s.Dead, Dropped: s.Dropped}
	}
	if found {
		e.Log.Warn("the stream was deleted and created again; the endpoint gets a notice, and changes from now on",
			zap.String("endpoint", e.Name), zap.Uint64("seq", uint64(from)))
		s.addDeliveries([]Delivery{gapOf(epoch, before, from, e.Now())})
	}
	return from, nil
}

// openAtStart opens the stream and the bucket, and returns the message to continue
// after.
func (e *Endpoint) openAtStart(ctx context.Context) (r *stream.Reader, b *stream.Bucket, from event.Seq, err error) {
	if r, err = e.Open(ctx); err != nil {
		return nil, nil, 0, err
	}
	if b, err = e.openBucket(ctx, r.Dataset()); err != nil {
		return nil, nil, 0, err
	}
	from, err = e.findStart(ctx, r, b)
	return r, b, from, err
}

// read follows the stream and adds deliveries, a whole changeset at a time.
func (e *Endpoint) read(ctx context.Context) error {
	r, b, from, err := e.openAtStart(ctx)
	if err != nil {
		e.start.recordError(err)
		return err
	}
	var found []Delivery
	bulk := false
	for m, err := range r.Follow(ctx, from+1) {
		if err != nil {
			return err
		}
		switch {
		case m.Change != nil && !m.Change.Republished && e.Filter.Match(m.Change):
			// A bulk import is one delivery: that of its changeset.
			if bulk = bulk || m.Change.Bulk; !m.Change.Bulk {
				found = append(found, Delivery{ID: m.ID, Sequence: m.Seq})
			}
		case m.Changeset != nil:
			if bulk {
				found = append(found, Delivery{ID: m.ID, Sequence: m.Seq})
			}
			if err := e.addDeliveries(ctx, b, m.Seq, found); err != nil {
				return err
			}
			found, bulk = nil, false
		}
	}
	return ctx.Err()
}

// addDeliveries adds the deliveries of a changeset, as far as there is room.
func (e *Endpoint) addDeliveries(ctx context.Context, b *stream.Bucket, seq event.Seq, found []Delivery) error {
	for done := false; !done; {
		full := false
		err := e.changeState(ctx, b, func(s *State, _ bool) error {
			before := s.Sequence
			done = s.addChangeset(seq, found)
			full = !done && s.Sequence == before
			if s.Sequence == before {
				return stream.ErrUnchanged
			}
			return nil
		})
		if err != nil {
			return err
		}
		wake(e.wake)
		if !full {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.room:
		case <-time.After(look):
		}
	}
	return nil
}
