package main

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
	"netsync/publishers/feed"
	"netsync/publishers/newsletter"
	"netsync/publishers/webhook"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/worker"
)

// A node is the worker and the channels of one process, on one broker.
type node struct {
	*session
	roles    []string
	worker   *worker.Worker // nil where this process has no worker
	github   gitHub
	runners  map[string]*publishers.Runner
	targets  *targets
	hooks    []*webhook.Endpoint // that are told of changes
	backups  *backups            // nil where another process makes them, or none does
	audience *audience
	clients  *client.Clients
	admin    string // where operators look; "" where nothing is served
	started  time.Time
	standby  *standby // nil where there is no worker, or nobody else can reach the broker
}

// newNode sets up the roles. It starts nothing.
func newNode(s *session, roles []string) (*node, error) {
	n := &node{session: s, roles: roles, audience: &audience{}, started: time.Now(),
		clients: client.New(s.cfg.HTTP.Proxies(), s.log.Named("http"))}
	if slices.Contains(roles, roleWorker) {
		w, err := s.worker()
		if err != nil {
			return nil, err
		}
		n.worker = w
		if s.remote {
			n.standby = newStandby(n, w.Hint, s.log.Named(roleWorker))
		}
	}
	var err error
	if n.github, err = n.gitHub(); err != nil {
		return nil, errors.Join(err, n.closeWorker())
	}
	if n.runners, err = s.runners(roles); err != nil {
		return nil, errors.Join(err, n.closeWorker())
	}
	if err := n.setTargets(); err != nil {
		return nil, errors.Join(err, n.closeWorker())
	}
	if slices.Contains(roles, roleWebhooks) {
		if n.hooks, err = n.endpoints(); err != nil {
			return nil, errors.Join(err, n.closeWorker())
		}
	}
	if n.backups, err = newBackups(n); err != nil {
		return nil, errors.Join(err, n.closeWorker())
	}
	return n, nil
}

// has reports whether the process has a role.
func (n *node) has(role string) bool { return slices.Contains(n.roles, role) }

// setTargets sets up what the website of this process is pushed to.
func (n *node) setTargets() error {
	n.targets = &targets{}
	website, feed := n.runners[roleWebsite], n.runners[roleFeed]
	if website == nil {
		return nil
	}
	var err error
	if n.targets, err = n.parts.targets(feed); err != nil {
		return err
	}
	website.Shown = n.targets.wake
	if feed != nil {
		feed.Shown = n.targets.wake
	}
	return nil
}

func (n *node) closeWorker() error {
	if n.worker == nil {
		return nil
	}
	return errors.Join(n.github.close(), n.worker.Close())
}

// Run runs the channels, and the worker where asked to, until ctx ends.
func (n *node) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	n.runChannels(ctx, group)
	if n.worker != nil {
		group.Go(func() error { return n.worker.Run(ctx) })
	}
	if n.standby != nil {
		group.Go(func() error { return n.standby.run(ctx, n.nc, n.subject(actionBeat)) })
	}
	n.runReporter(ctx, group)
	if letter := n.letter(); letter != nil {
		group.Go(func() error { return n.runNewsletter(ctx, letter) })
		group.Go(func() error { n.countSubscribers(ctx, letter); return nil })
	}
	if runner := n.runners[roleFeed]; runner != nil {
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
	group.Go(func() error { return schedule.Run(ctx, n.log.Named("schedule"), n.jobs()) })
	return group.Wait()
}

// runChannels starts the channels. Call it before the worker's first pass.
func (n *node) runChannels(ctx context.Context, group *errgroup.Group) {
	if letter := n.letter(); letter != nil {
		if gone, err := letter.LedgerIsGone(ctx); err == nil && gone {
			n.log.Warn("the newsletter's folder knows of digests that were sent, and their ledger is gone from the broker, perhaps with the subscribers. " +
				"If that is not meant, stop and see netsync restore")
		}
	}
	for _, runner := range n.runners {
		if err := runner.Compare(ctx); err != nil {
			n.log.Warn("channel not compared with the stream", zap.Error(err)) // Run meets the same
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

func (n *node) letter() *newsletter.Newsletter {
	runner := n.runners[roleNewsletter]
	if runner == nil {
		return nil
	}
	letter, _ := runner.Channel.(*newsletter.Newsletter)
	return letter
}

// jobs are what the schedules of this process's roles ask for.
func (n *node) jobs() []schedule.Job {
	var jobs []schedule.Job
	if n.worker != nil {
		jobs = append(jobs, schedule.Job{
			Name: "sync", Schedule: n.cfg.Dataset.Schedule,
			Do: n.tick,
		})
	}
	if runner := n.runners[roleFeed]; runner != nil {
		jobs = append(jobs, schedule.Job{
			Name: "feed", Schedule: n.cfg.Feed.Schedule,
			Do: func(ctx context.Context) { n.refresh(ctx, runner) },
		})
	}
	if letter := n.letter(); letter != nil && n.cfg.Newsletter.Sends() {
		jobs = append(jobs, schedule.Job{
			Name: "digest", Schedule: n.cfg.Newsletter.Schedule,
			Do: func(ctx context.Context) { n.sendDue(ctx, letter) },
		})
	}
	if n.backups != nil {
		jobs = append(jobs, schedule.Job{Name: "backup", Schedule: n.cfg.Backup.Schedule, Do: n.backups.make})
	}
	return jobs
}

func (n *node) refresh(ctx context.Context, runner *publishers.Runner) {
	err := runner.Refresh(ctx)
	if err != nil && !errors.Is(err, stream.ErrNoStream) && ctx.Err() == nil {
		n.log.Error("channel not refreshed", zap.String("channel", runner.Channel.Name()), zap.Error(err))
	}
}

// syncAll makes one pass and waits until every channel of this process shows
// what it published, and every target of the website. It tells which channels
// are held, and does not wait for those.
func (n *node) syncAll(ctx context.Context, o worker.Options) (worker.Result, []heldChannel, error) {
	r, err := n.worker.SyncWith(ctx, o)
	if err != nil || r.Position.Sequence == 0 {
		return r, nil, err
	}
	held, err := n.waitChannels(ctx, r.Position.Sequence)
	if err != nil || isHeld(held, roleWebsite) { // which the targets show
		return r, held, err
	}
	return r, held, n.targets.wait(ctx, r.Position.Sequence)
}

func (n *node) waitChannels(ctx context.Context, seq event.Seq) (held []heldChannel, err error) {
	for _, name := range channelNames() {
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

// shown waits until every channel of this process shows a changeset; what is
// held does not.
func (n *node) shown(ctx context.Context, seq event.Seq) error {
	held, err := n.waitChannels(ctx, seq)
	if err == nil && len(held) > 0 {
		err = &publishers.HeldError{Channel: held[0].Channel, Hold: held[0].Hold}
	}
	return err
}

// runNewsletter makes up for a digest that was missed while no process ran,
// and goes on with one that is not finished.
func (n *node) runNewsletter(ctx context.Context, letter *newsletter.Newsletter) error {
	if !n.cfg.Newsletter.Sends() {
		return nil
	}
	if n.runners[roleNewsletter].Wait(ctx, 1) != nil {
		return nil // it ended before there was anything to send
	}
	all, err := letter.List(ctx)
	if err != nil {
		n.log.Warn("the last digest is not known", zap.Error(err))
	}
	for _, s := range all { // the newest first
		if !s.Completed.IsZero() {
			n.digests.remember(s)
			break
		}
	}
	if due, ok := letter.Due(n.cfg.Newsletter.Schedule); ok {
		report, err := letter.Missed(ctx, due)
		n.digestDone(ctx, report, err)
	}
	return letter.Run(ctx)
}
