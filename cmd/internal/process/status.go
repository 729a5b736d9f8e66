package process

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/publishers"
	"netsync/publishers/delivery"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// gatherLimit bounds how long the broker may take to describe the stream: a probe
// that asks for the status does not wait for long either.
const gatherLimit = 2 * time.Second

// gatherStatus returns the state of every part. It asks the broker for the end of the
// stream alone, and for nothing while the connection is down.
func (n *node) gatherStatus(ctx context.Context) ops.Status {
	ctx, cancel := context.WithTimeout(ctx, gatherLimit)
	defer cancel()
	s := ops.Status{
		Time:     time.Now(),
		Process:  n.describeProcess(),
		Channels: []ops.Channel{},
		Next:     []ops.Due{},
		GitHub:   n.github.readStatus(),
	}
	reader := n.readStreamEnd(ctx, &s.Stream)
	s.Dataset = s.Stream.Changeset.Dataset
	if n.worker != nil {
		status := n.worker.Status()
		s.Worker = &status
		if status.Refused && s.Stream.Unwritable == "" {
			s.Stream.Unwritable = status.Error
		}
	}
	s.Standby = n.standbyLine()
	for _, name := range ChannelNames() {
		if runner := n.runners[name]; runner != nil {
			s.Channels = append(s.Channels, channelLag(ctx, reader, s, runner.Status()))
		}
	}
	s.Targets = n.targets.readStatuses(ctx, reader, s)
	if n.sender != nil {
		s.Subscribers = n.sender.counter.readStatus()
		if n.Config.Newsletter.Sends() {
			s.Digest = n.digests.readStatus()
		}
	}
	for _, hook := range n.hooks {
		s.Webhooks = append(s.Webhooks, hookStatus(ctx, hook))
	}
	s.Backup = n.backups.readStatus()
	for _, job := range n.listJobs() {
		s.Next = append(s.Next, ops.Due{Job: job.Name, Next: job.Schedule.Next(time.Now().UTC())})
	}
	return s
}

// hookStatus returns how far the deliveries to an endpoint are.
func hookStatus(ctx context.Context, hook *delivery.Endpoint) ops.Webhook {
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

func (n *node) describeProcess() ops.Process {
	host, _ := os.Hostname() // it only helps to tell processes apart
	p := ops.Process{
		Version: cli.Version(), PID: os.Getpid(), Host: host, Roles: n.roles, Started: n.started,
		Broker: n.Address(), Connected: n.Conn.IsConnected(), Admin: n.admin,
	}
	if n.runners[RoleWebsite] != nil {
		p.Website = n.Config.Website.BaseURL
	}
	return p
}

// readStreamEnd reads the end of the stream into s and returns the reader; nil if there
// is no stream.
func (n *node) readStreamEnd(ctx context.Context, s *ops.Stream) *stream.Reader {
	s.SetAside = n.setAside.readStatus()
	if n.broker != nil {
		if err := n.broker.Writable(); err != nil {
			s.Unwritable = err.Error()
		}
	}
	if !n.Conn.IsConnected() {
		s.Error = "the broker is not connected"
		return nil
	}
	reader, err := n.OpenStream(ctx)
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

// channelLag returns a channel with how far it is behind the stream.
func channelLag(ctx context.Context, reader *stream.Reader, s ops.Status, channel publishers.Status) ops.Channel {
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

// Statuses asks the running processes for their status. If none runs, it reads the
// data directory.
func (s *Session) Statuses(ctx context.Context) (all []ops.Status, running bool, err error) {
	all, err = s.gatherStatuses(ctx)
	if err != nil || len(all) > 0 {
		return all, true, err
	}
	status, err := s.statusAtRest(ctx)
	return []ops.Status{status}, false, err
}

// statusAtRest returns the status by the stream and the channels' folders, without what
// only a running process has.
func (s *Session) statusAtRest(ctx context.Context) (ops.Status, error) {
	roles, err := Configured(s.Config, ChannelNames())
	if err != nil {
		return ops.Status{}, err
	}
	n, err := newNode(s, roles)
	if err != nil {
		return ops.Status{}, err
	}
	status := n.gatherStatus(ctx)
	status.Next, status.Digest = []ops.Due{}, nil
	if n.sender != nil {
		if err := n.sender.counter.countIfChanged(ctx, n.sender.letter); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return ops.Status{}, err
		}
		status.Subscribers = n.sender.counter.readStatus()
	}
	reader, err := n.OpenStream(ctx)
	if err != nil && !errors.Is(err, stream.ErrNoStream) {
		return ops.Status{}, err
	}
	status.Targets = n.targets.askStatuses(ctx, reader, status)
	for i, c := range status.Channels {
		shown, err := n.runners[c.Channel].Look(ctx)
		if err != nil {
			return ops.Status{}, err
		}
		status.Channels[i] = channelLag(ctx, reader, status, shown)
	}
	return status, nil
}
