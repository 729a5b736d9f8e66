package process

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"netsync/schema/stream"
)

// streamAdvisories are the subjects on which a server announces streams that
// were created, changed and deleted.
const streamAdvisories = "$JS.EVENT.ADVISORY.STREAM.*.>"

// admitGuests lets guests of the embedded broker read the dataset of this process: a
// stream that exists at once, and one that the worker creates as soon as the server
// announces it, until ctx ends. The caller runs follow.
func (s *Session) admitGuests(ctx context.Context) (follow func() error, err error) {
	if s.broker == nil {
		return func() error { return nil }, nil
	}
	changed := make(chan struct{}, 1)
	advisories, err := s.Conn.Subscribe(streamAdvisories, func(*nats.Msg) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return nil, fmt.Errorf("follow the broker's streams: %w", err)
	}
	s.admitDataset(ctx)
	return func() error {
		defer func() { _ = advisories.Unsubscribe() }() // the connection may be closed
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-changed:
				s.admitDataset(ctx)
			}
		}
	}, nil
}

func (s *Session) admitDataset(ctx context.Context) {
	reader, err := s.OpenStream(ctx)
	if err == nil {
		err = s.broker.AdmitGuests(reader.Dataset())
	}
	if err != nil && !errors.Is(err, stream.ErrNoStream) && ctx.Err() == nil {
		s.Log.Error("guests of the broker cannot read the dataset", zap.Error(err))
	}
}
