package main

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

// admitGuests lets guests of the embedded broker read the dataset of this
// process: the stream that exists at once, and the one that the worker creates
// as soon as the server announces it, until ctx ends. The caller runs follow.
func (n *node) admitGuests(ctx context.Context) (follow func() error, err error) {
	if n.broker == nil {
		return func() error { return nil }, nil
	}
	changed := make(chan struct{}, 1)
	advisories, err := n.nc.Subscribe(streamAdvisories, func(*nats.Msg) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return nil, fmt.Errorf("follow the broker's streams: %w", err)
	}
	n.admitDataset(ctx)
	return func() error {
		defer func() { _ = advisories.Unsubscribe() }() // the connection may be closed
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-changed:
				n.admitDataset(ctx)
			}
		}
	}, nil
}

func (n *node) admitDataset(ctx context.Context) {
	reader, err := n.stream(ctx)
	if err == nil {
		err = n.broker.AdmitGuests(reader.Dataset())
	}
	if err != nil && !errors.Is(err, stream.ErrNoStream) && ctx.Err() == nil {
		n.log.Error("guests of the broker cannot read the dataset", zap.Error(err))
	}
}
