package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/publishers/target"
	"netsync/schema/event"
	"netsync/worker"
)

// answerSync makes the pass that another process asks for.
func (n *node) answerSync(ctx context.Context, data []byte) (any, error) {
	var o syncOptions
	if len(data) > 0 {
		if err := json.Unmarshal(data, &o); err != nil {
			return nil, fmt.Errorf("read the options of the pass: %w", err)
		}
	}
	return n.syncReport(ctx, o)
}

func (n *node) syncReport(ctx context.Context, o syncOptions) (syncReport, error) {
	r, held, err := n.syncAll(ctx, worker.Options(o))
	switch {
	case errors.Is(err, worker.ErrNotPublished):
		err = &cli.Error{Code: cli.ExitUsage, Err: err}
	case errors.Is(err, worker.ErrHeld):
		err = &cli.Error{Code: cli.ExitData, Err: err}
	}
	report := newReport(r)
	report.HeldChannels = held
	return report, err
}

func syncCommand() *cobra.Command {
	var path string
	var asJSON bool
	var options syncOptions
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Make one pass: validate, emit, wait until every channel shows it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			options.Restock = true
			return runSync(cmd, path, options, timeout, asJSON)
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&options.DryRun, "dry-run", false, "publish nothing; print the events that would be")
	cmd.Flags().BoolVar(&options.AllowRemovals, "allow-removals", false, "let more than a tenth of a collection go")
	cmd.Flags().BoolVar(&options.NewDataset, "new-dataset", false, "let the manifest have another id than the dataset is published under: begin a new stream")
	cmd.Flags().DurationVar(&timeout, "timeout", passLimit, "give up after this long")
	return cmd
}

// runSync makes a pass and prints what it did.
func runSync(cmd *cobra.Command, path string, o syncOptions, timeout time.Duration, asJSON bool) error {
	cfg, err := cli.LoadConfig(path)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
	defer cancel()
	s, err := openSession(ctx, cfg, cli.NewCommandLog(cfg))
	if err != nil {
		return explainDisk(cfg, err)
	}
	report, err := s.sync(ctx, o)
	if err = errors.Join(err, s.Close()); err != nil {
		return explainDisk(cfg, err)
	}
	return report.print(cmd.OutOrStdout(), asJSON, o.DryRun)
}

// passLimit is how long a pass may take, channels included.
const passLimit = 10 * time.Minute

// syncOptions are those of the worker's pass.
type syncOptions worker.Options

// sync has the running process make a pass or, where none runs, makes it here.
func (s *session) sync(ctx context.Context, o syncOptions) (syncReport, error) {
	if o.DryRun {
		return s.dryRun(ctx, o)
	}
	if o.NewDataset {
		return s.beginDataset(ctx, o)
	}
	var report syncReport
	err := s.ask(ctx, actionSync, o, &report)
	if errors.Is(err, errNobody) {
		return s.syncHere(ctx, o)
	}
	if err == nil {
		report.HeldChannels, err = s.waitElsewhere(ctx, report.Sequence)
	}
	return report, err
}

func (s *session) dryRun(ctx context.Context, o syncOptions) (syncReport, error) {
	w, err := s.worker()
	if err != nil {
		return syncReport{}, err
	}
	r, err := w.SyncWith(ctx, worker.Options(o))
	report := newReport(r)
	report.Changes = r.Changes
	return report, errors.Join(err, w.Close())
}

// beginDataset makes the first pass of a new dataset, and then one with the
// channels. A process that runs would go on with the stream that it knows.
func (s *session) beginDataset(ctx context.Context, o syncOptions) (syncReport, error) {
	var status ops.Status
	switch err := s.ask(ctx, actionStatus, nil, &status); {
	case err == nil:
		return syncReport{}, cli.UsageError("netsync is running: stop it, run netsync sync --new-dataset, and start it again")
	case !errors.Is(err, errNobody):
		return syncReport{}, err
	}
	w, err := s.worker()
	if err != nil {
		return syncReport{}, err
	}
	if _, err := w.SyncWith(ctx, worker.Options(o)); err != nil {
		return syncReport{}, errors.Join(err, w.Close())
	}
	if err := w.Close(); err != nil {
		return syncReport{}, err
	}
	o.NewDataset = false
	return s.syncHere(ctx, o)
}

func (s *session) syncHere(ctx context.Context, o syncOptions) (syncReport, error) {
	roles, err := configured(s.cfg, nil)
	if err != nil {
		return syncReport{}, err
	}
	n, err := newNode(s, roles)
	if err != nil {
		return syncReport{}, err
	}
	running, stop := context.WithCancel(ctx)
	group, running := errgroup.WithContext(running)
	n.runChannels(running, group)
	n.runReporter(running, group)
	report, err := n.syncReport(ctx, o)
	stop()
	return report, errors.Join(err, group.Wait(), n.closeWorker())
}

// pollStatus is how often other processes are asked how far they are.
const pollStatus = 250 * time.Millisecond

// waitElsewhere waits for the channels of all running processes but those that
// are held, and tells which are, and for the targets of the website.
func (s *session) waitElsewhere(ctx context.Context, seq event.Seq) ([]heldChannel, error) {
	for began := time.Now(); ; {
		all, err := s.gather(ctx)
		if err != nil {
			return nil, err
		}
		behind, held := behindChannel(all, seq)
		var failing error
		if behind == "" && !isHeld(held, roleWebsite) { // which the targets show
			behind, failing = behindTarget(all, seq)
		}
		if behind == "" {
			return held, nil
		}
		if failing != nil && time.Since(began) > pushPatience {
			return held, outside(failing)
		}
		select {
		case <-time.After(pollStatus):
		case <-ctx.Done():
			return held, fmt.Errorf("wait for the %s: %w", behind, ctx.Err())
		}
	}
}

// behindChannel names a channel that does not show a changeset although it is
// not held, and tells which are.
func behindChannel(all []ops.Status, seq event.Seq) (name string, held []heldChannel) {
	for _, status := range all {
		for _, c := range status.Channels {
			switch {
			case c.Position.Sequence >= seq:
			case c.Held != nil:
				held = append(held, heldChannel{c.Channel, *c.Held})
			default:
				return "channel " + c.Channel, nil
			}
		}
	}
	return "", held
}

// behindTarget names a target that does not show a changeset, and says what
// keeps it where it fails: first one that does not fail.
func behindTarget(all []ops.Status, seq event.Seq) (name string, failing error) {
	for _, status := range all {
		for _, t := range status.Targets {
			switch {
			case t.Error != "":
				name, failing = "target "+t.Status.Target, &target.FailingError{Target: t.Status.Target, Problem: t.Error}
			case t.Position.Sequence < seq:
				return "target " + t.Status.Target, nil
			}
		}
	}
	return name, failing
}
