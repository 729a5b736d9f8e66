package publishers

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"netsync/schema/event"
	"netsync/schema/stream"
)

// Rebuild builds the runner's channel again from the whole stream, whether or
// not Run is running, and returns its new position.
func (r *Runner) Rebuild(ctx context.Context) (event.Position, error) {
	reader, err := r.Open(ctx)
	if err != nil {
		return event.Position{}, err
	}
	defer r.prepareNext()
	r.publishing.Lock()
	defer r.publishing.Unlock()
	p, err := Build(ctx, r.Channel, reader, 0)
	if err == nil && r.Dir != "" {
		err = r.endHold()
	}
	if err == nil {
		r.recordPosition(p)
	}
	return p, err
}

// Refresh publishes the current edition again, so that the channel reflects
// changes outside the stream, such as its settings.
func (r *Runner) Refresh(ctx context.Context) error {
	reader, err := r.Open(ctx)
	if err != nil {
		return err
	}
	defer r.prepareNext()
	r.publishing.Lock()
	defer r.publishing.Unlock()
	if r.isHeld() {
		return nil // it stays unchanged
	}
	shown, err := r.Channel.Position(ctx)
	if err != nil {
		return fmt.Errorf("ask %s for its position: %w", r.Channel.Name(), err)
	}
	c, err := resumeCollector(ctx, reader, shown)
	if err != nil || c.fresh {
		return err // Run will build it
	}
	if err = r.Channel.Publish(ctx, c.newEdition()); err != nil {
		// A channel with damaged files has the zero Position.
		if now, again := r.Channel.Position(ctx); again == nil && now.Sequence == 0 {
			r.Log.Warn("the channel is rebuilt", zap.Error(err))
			_, err = Build(ctx, r.Channel, reader, shown.Sequence)
		}
	}
	if err == nil && r.Shown != nil {
		r.Shown()
	}
	return err
}

// Build publishes the history of a stream to a channel as if for the first
// time, up to the changeset event with sequence number upTo, or the last one if
// upTo is 0. It returns the channel's new position.
func Build(ctx context.Context, ch Channel, reader *stream.Reader, upTo event.Seq) (event.Position, error) {
	if upTo == 0 {
		m, ok, err := reader.LastChangeset(ctx)
		if err != nil {
			return event.Position{}, err
		}
		if !ok {
			return event.Position{}, fmt.Errorf("build %s: %w", ch.Name(), stream.ErrNoStream)
		}
		upTo = m.Seq
	}
	c := newCollector(reader)
	for m, err := range reader.Replay(ctx, 1, upTo) {
		if err != nil {
			return event.Position{}, err
		}
		if m.Seq == upTo {
			m.Pending = 0 // later messages are not wanted
		}
		edition, due, err := c.addMessage(m)
		if err != nil {
			return event.Position{}, err
		}
		if !due {
			continue
		}
		err = ch.Publish(ctx, edition)
		if c.canSkip(m, err) {
			continue
		}
		if err != nil {
			return event.Position{}, fmt.Errorf("build %s: %w", ch.Name(), err)
		}
		c.handedOver()
	}
	return c.fold.Position, nil
}
