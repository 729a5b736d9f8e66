package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"netsync/schema/stream"
)

// deliverAll makes one delivery after another when they are due.
func (e *Endpoint) deliverAll(ctx context.Context) error {
	r, err := e.Open(ctx)
	if err != nil {
		return err
	}
	b, err := e.openBucket(ctx, r.Dataset())
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		d, wait, ok, err := e.claimDelivery(ctx, b)
		if err != nil {
			return err
		}
		if ok {
			if err := e.makeDelivery(ctx, r, b, d); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-e.wake:
		case <-time.After(min(wait, look)):
		}
	}
	return nil
}

// makeDelivery makes a delivery and records its result. The endpoint may have accepted
// one that is under way when ctx ends, so it has a moment to answer.
func (e *Endpoint) makeDelivery(ctx context.Context, r *stream.Reader, b *stream.Bucket, d Delivery) error {
	ctx, done := withGrace(ctx)
	defer done()
	res, err := e.tryDelivery(ctx, r, d)
	if err != nil {
		return err
	}
	if ctx.Err() != nil && !res.ok {
		return nil // it was interrupted, and is made again
	}
	err = e.changeState(ctx, b, func(s *State, _ bool) error {
		s.recordResult(d, res, e.Now(), e.Pauses)
		if s.Claim.By == e.self {
			s.Claim = Claim{}
		}
		return nil
	})
	if err != nil {
		return err
	}
	wake(e.room)
	e.logResult(d, res)
	return nil
}

// grace is how long a delivery may take after its process was asked to end.
const grace = 3 * time.Second

// withGrace returns a context that ends a little later than another one.
func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(later, func() { timer.Stop() })
	})
	return later, func() { stop(); cancel() }
}

// tryDelivery makes one attempt. The error is that of the broker.
func (e *Endpoint) tryDelivery(ctx context.Context, r *stream.Reader, d Delivery) (result, error) {
	message := Message{ID: d.ID, Dataset: r.Dataset(), Gap: d.Gap}
	if d.Gap == nil {
		m, err := r.At(ctx, d.Sequence)
		if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return result{}, err
		}
		if err != nil || m.ID != d.ID { // of a stream that was made again since
			return result{reason: "the stream has lost the event"}, nil
		}
		message.Event = m.Event
	}
	return e.postMessage(ctx, message), nil
}

func (e *Endpoint) logResult(d Delivery, r result) {
	log := e.Log.With(zap.String("endpoint", e.Name), zap.String("id", d.ID))
	switch {
	case r.ok:
		log.Debug("delivered")
	case r.gone:
		log.Error("the endpoint says that it is gone: nothing is sent to it until netsync webhooks replay")
	default:
		log.Warn("not delivered", zap.String("reason", r.reason), zap.Int("attempt", d.Attempts+1))
	}
}

// claimDelivery claims a delivery that is due, so that no other process makes it.
func (e *Endpoint) claimDelivery(ctx context.Context, b *stream.Bucket) (d Delivery, wait time.Duration, ok bool, err error) {
	err = e.changeState(ctx, b, func(s *State, _ bool) error {
		now := e.Now()
		if d, wait, ok = s.nextDelivery(now); !ok {
			return stream.ErrUnchanged
		}
		if s.Claim.By != e.self && s.Claim.Until.After(now) {
			wait, ok = s.Claim.Until.Sub(now), false
			return stream.ErrUnchanged
		}
		s.Claim = Claim{e.self, now.Add(e.Timeout + look)}
		return nil
	})
	return d, wait, ok && err == nil, err
}
