package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"netsync/cmd/internal/client"
	"netsync/cmd/internal/schedule"
	"netsync/publishers"
	"netsync/publishers/delivery"
	"netsync/publishers/feed"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/worker"
)

// A node is the worker and the channels of one process, on one broker.
type node struct {
	*Session
	roles   []string
	worker  *worker.Worker // nil where this process has no worker
	github  gitHub
	runners map[string]*publishers.Runner
	targets *targets
	hooks   []*delivery.Endpoint // webhooks of this process
	backups *backupJob           // nil if another process makes them, or none does
	sender  *digestSender        // nil without the newsletter
	clients *client.Clients
	admin   string // address for operators; "" if nothing is served
	started time.Time
	standby *standby // nil without a worker, or if no other process can reach the broker
}

// newNode sets up the roles of a process. It starts nothing.
func newNode(s *Session, roles []string) (*node, error) {
	n := &node{Session: s, roles: roles, started: time.Now(),
		clients: client.New(s.Config.HTTP.Proxies(), s.Log.Named("http"))}
	if slices.Contains(roles, roleWorker) {
		w, err := s.newWorker()
		if err != nil {
			return nil, err
		}
		n.worker = w
		if s.remote {
			n.standby = newStandby(n, w.Hint, s.Log.Named(roleWorker))
		}
	}
	var err error
	if n.github, err = n.gitHub(); err != nil {
		return nil, errors.Join(err, n.closeWorker())
	}
	if n.runners, err = s.newRunners(roles); err != nil {
		return nil, errors.Join(err, n.closeWorker())
	}
	n.sender = newDigestSender(s, n.runners[RoleNewsletter])
	if err := n.setTargets(); err != nil {
		return nil, errors.Join(err, n.closeWorker())
	}
	if slices.Contains(roles, roleWebhooks) {
		if n.hooks, err = n.NewEndpoints(); err != nil {
			return nil, errors.Join(err, n.closeWorker())
		}
	}
	if n.backups, err = newBackups(n); err != nil {
		return nil, errors.Join(err, n.closeWorker())
	}
	return n, nil
}

// hasRole reports whether the process has a role.
func (n *node) hasRole(role string) bool { return slices.Contains(n.roles, role) }

// setTargets sets up the places that the website of this process is pushed to.
func (n *node) setTargets() error {
	n.targets = &targets{}
	website, feed := n.runners[RoleWebsite], n.runners[RoleFeed]
	if website == nil {
		return nil
	}
	var err error
	if n.targets, err = n.builder.NewTargets(feed); err != nil {
		return err
	}
	website.Shown = n.targets.wakePushers
	if feed != nil {
		feed.Shown = n.targets.wakePushers
	}
	return nil
}

func (n *node) closeWorker() error {
	if n.worker == nil {
		return nil
	}
	return errors.Join(n.github.close(), n.worker.Close())
}

// Run runs the channels, and the worker if there is one, until ctx ends.
func (n *node) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	n.runChannels(ctx, group)
	if n.worker != nil {
		group.Go(func() error { return n.worker.Run(ctx) })
	}
	if n.standby != nil {
		group.Go(func() error { return n.standby.run(ctx, n.Conn, n.controlSubject(actionBeat)) })
	}
	n.runReporter(ctx, group)
	if n.sender != nil {
		group.Go(func() error { return n.sender.run(ctx) })
		group.Go(func() error { n.sender.countSubscribers(ctx); return nil })
	}
	if runner := n.runners[RoleFeed]; runner != nil {
		if teller, ok := runner.Channel.(*feed.Feed); ok {
			group.Go(func() error { return teller.Run(ctx) })
		}
	}
	for _, hook := range n.hooks {
		group.Go(func() error { return hook.Run(ctx) })
	}
	if n.backups != nil {
		group.Go(func() error { return n.backups.run(ctx) })
	}
	group.Go(func() error { return schedule.Run(ctx, n.Log.Named("schedule"), n.listJobs()) })
	return group.Wait()
}

// runChannels starts the channels. Call it before the worker's first pass.
func (n *node) runChannels(ctx context.Context, group *errgroup.Group) {
	if n.sender != nil {
		if gone, err := n.sender.letter.LedgerIsGone(ctx); err == nil && gone {
			n.Log.Warn("the newsletter's folder knows of digests that were sent, and their ledger is gone from the broker, perhaps with the subscribers. " +
				"If that is not meant, stop and see netsync restore")
		}
	}
	for _, runner := range n.runners {
		if err := runner.Compare(ctx); err != nil {
			n.Log.Warn("channel not compared with the stream", zap.Error(err)) // Run meets the same
		}
		group.Go(func() error { return runner.Run(ctx) })
	}
	n.targets.run(ctx, group)
}

func (n *node) runReporter(ctx context.Context, group *errgroup.Group) {
	if n.github.reporter != nil {
		group.Go(func() error { return n.github.reporter.Run(ctx) })
	}
}

// listJobs returns the jobs that the roles of this process have schedules for.
func (n *node) listJobs() []schedule.Job {
	var jobs []schedule.Job
	if n.worker != nil {
		jobs = append(jobs, schedule.Job{
			Name: "sync", Schedule: n.Config.Dataset.Schedule,
			Do: n.runScheduled,
		})
	}
	if runner := n.runners[RoleFeed]; runner != nil {
		jobs = append(jobs, schedule.Job{
			Name: "feed", Schedule: n.Config.Feed.Schedule,
			Do: func(ctx context.Context) { refreshChannel(ctx, n.Log, runner) },
		})
	}
	if n.sender != nil && n.Config.Newsletter.Sends() {
		jobs = append(jobs, schedule.Job{
			Name: "digest", Schedule: n.Config.Newsletter.Schedule,
			Do: n.sender.sendDue,
		})
	}
	if n.backups != nil {
		jobs = append(jobs, schedule.Job{Name: "backup", Schedule: n.Config.Backup.Schedule, Do: n.backups.makeBackup})
	}
	return jobs
}

func refreshChannel(ctx context.Context, log *zap.Logger, runner *publishers.Runner) {
	err := runner.Refresh(ctx)
	if err != nil && !errors.Is(err, stream.ErrNoStream) && ctx.Err() == nil {
		log.Error("channel not refreshed", zap.String("channel", runner.Channel.Name()), zap.Error(err))
	}
}

// syncAll makes one pass and waits until every channel of this process, and every
// target of the website, shows what it published. It returns the channels that are
// held, and does not wait for them.
func (n *node) syncAll(ctx context.Context, o worker.Options) (worker.Result, []heldChannel, error) {
	r, err := n.worker.SyncWith(ctx, o)
	if err != nil || r.Position.Sequence == 0 {
		return r, nil, err
	}
	held, err := n.waitChannels(ctx, r.Position.Sequence)
	if err != nil || isHeld(held, RoleWebsite) { // which the targets show
		return r, held, err
	}
	return r, held, n.targets.wait(ctx, r.Position.Sequence)
}

func (n *node) waitChannels(ctx context.Context, seq event.Seq) (held []heldChannel, err error) {
	for _, name := range ChannelNames() {
		runner := n.runners[name]
		if runner == nil {
			continue
		}
		err := runner.Wait(ctx, seq)
		if h, ok := errors.AsType[*publishers.HeldError](err); ok {
			held = append(held, heldChannel{name, h.Hold})
		} else if err != nil {
			return held, fmt.Errorf("wait for the channels: %w", err)
		}
	}
	return held, nil
}

// waitShown waits until every channel of this process shows a changeset. The error is
// a *publishers.HeldError if one is held.
func (n *node) waitShown(ctx context.Context, seq event.Seq) error {
	held, err := n.waitChannels(ctx, seq)
	if err == nil && len(held) > 0 {
		err = &publishers.HeldError{Channel: held[0].Channel, Hold: held[0].Hold}
	}
	return err
}
