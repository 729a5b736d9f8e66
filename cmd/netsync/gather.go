package main

import (
	"context"
	"errors"
	"os"
	"time"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/publishers"
	"netsync/publishers/webhook"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// gatherLimit bounds how long the broker may take to tell about the stream.
// Whoever asks for the status, such as a probe, does not wait for long either.
const gatherLimit = 2 * time.Second

// status gathers what every part last did. It asks the broker for the end of
// the stream, and for nothing where the connection is down.
func (n *node) status(ctx context.Context) ops.Status {
	ctx, cancel := context.WithTimeout(ctx, gatherLimit)
	defer cancel()
	s := ops.Status{
		Time:     time.Now(),
		Process:  n.process(),
		Channels: []ops.Channel{},
		Next:     []ops.Due{},
		GitHub:   n.github.status(),
	}
	reader := n.tail(ctx, &s.Stream)
	s.Dataset = s.Stream.Changeset.Dataset
	if n.worker != nil {
		status := n.worker.Status()
		s.Worker = &status
		if status.Refused && s.Stream.Unwritable == "" {
			s.Stream.Unwritable = status.Error
		}
	}
	s.Standby = n.standbyLine()
	for _, name := range channelNames() {
		if runner := n.runners[name]; runner != nil {
			s.Channels = append(s.Channels, behind(ctx, reader, s, runner.Status()))
		}
	}
	s.Targets = n.targets.status(ctx, reader, s)
	if n.letter() != nil && n.cfg.Newsletter.Sends() {
		s.Digest = n.digests.status()
	}
	s.Subscribers = n.audience.status()
	for _, hook := range n.hooks {
		s.Webhooks = append(s.Webhooks, hookStatus(ctx, hook))
	}
	s.Backup = n.backups.status()
	for _, job := range n.jobs() {
		s.Next = append(s.Next, ops.Due{Job: job.Name, Next: job.Schedule.Next(time.Now().UTC())})
	}
	return s
}

// hookStatus says how far an endpoint has been told.
func hookStatus(ctx context.Context, hook *webhook.Endpoint) ops.Webhook {
	s := ops.Webhook{Name: hook.Name}
	state, err := hook.State(ctx)
	switch {
	case errors.Is(err, stream.ErrNoStream):
	case err != nil:
		s.Error = err.Error()
	default:
		s.Delivered, s.Waiting, s.GivenUp = state.Made, len(state.Pending), len(state.Dead)+state.Dropped
		s.Last, s.Gone = state.Last, state.Gone
		for _, d := range state.Pending {
			if d.Error != "" {
				s.Problem = d.Error
				break
			}
		}
	}
	return s
}

func (n *node) process() ops.Process {
	host, _ := os.Hostname() // it only helps to tell processes apart
	p := ops.Process{
		Version: cli.Version(), PID: os.Getpid(), Host: host, Roles: n.roles, Started: n.started,
		Broker: n.address(), Connected: n.nc.IsConnected(), Admin: n.admin,
	}
	if n.runners[roleWebsite] != nil {
		p.Website = n.cfg.Website.BaseURL
	}
	return p
}

// tail reads the end of the stream, and returns its reader; nil where there is
// none.
func (n *node) tail(ctx context.Context, s *ops.Stream) *stream.Reader {
	s.SetAside = n.setAside.status()
	if n.broker != nil {
		if err := n.broker.Writable(); err != nil {
			s.Unwritable = err.Error()
		}
	}
	if !n.nc.IsConnected() {
		s.Error = "the broker is not connected"
		return nil
	}
	reader, err := n.stream(ctx)
	if errors.Is(err, stream.ErrNoStream) {
		return nil
	}
	if err == nil {
		err = readTail(ctx, reader, s)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		s.Error = "the broker does not answer; in a cluster the stream may have no leader"
	} else if err != nil {
		s.Error = err.Error()
	}
	return reader
}

func readTail(ctx context.Context, reader *stream.Reader, s *ops.Stream) error {
	var err error
	if s.Last, err = reader.Last(ctx); err != nil {
		return err
	}
	m, ok, err := reader.LastChangeset(ctx)
	if err != nil {
		return err
	}
	if ok {
		s.Changeset, s.Completed = event.PositionOf(m.Event, m.Seq), m.Time
		s.Changeset.Epoch = reader.Epoch().ID
		if earlier := reader.Epoch().Earlier; len(earlier) > 0 {
			s.Restored = &ops.Restored{At: reader.Epoch().Began(), Previous: earlier[0].ID, Shared: earlier[0].Shared}
		}
	}
	s.Findings, err = reader.LastFindings(ctx)
	return err
}

// behind says how far a channel is behind the stream.
func behind(ctx context.Context, reader *stream.Reader, s ops.Status, channel publishers.Status) ops.Channel {
	c := ops.Channel{Status: channel, Lag: s.Stream.Lag(channel.Position)}
	if reader == nil {
		return c
	}
	if _, same := reader.Same(channel.Position); !same {
		c.Remade, c.Lag = publishers.RemadeOf(reader, channel.Position), s.Stream.Changeset.Sequence
		channel.Position.Sequence = 0 // it is behind all that there is
	}
	c.LagSeconds = lagSeconds(ctx, reader, s, c.Lag, channel.Position)
	return c
}

func lagSeconds(ctx context.Context, reader *stream.Reader, s ops.Status, lag event.Seq, p event.Position) float64 {
	if lag == 0 || reader == nil {
		return 0
	}
	if m, ok, err := reader.ChangesetAfter(ctx, p.Sequence); ok && err == nil {
		return max(s.Time.Sub(m.Time), time.Millisecond).Seconds()
	}
	return 0
}
