package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/publishers"
	"netsync/publishers/target"
	"netsync/schema/event"
	"netsync/worker"
)

// syncReport makes a pass, and waits for the channels of this process.
func (n *node) syncReport(ctx context.Context, o SyncOptions) (SyncReport, error) {
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

// SyncOptions are the options of the worker's pass.
type SyncOptions worker.Options

// Sync has the running process make a pass or, if none runs, makes it here.
func (s *Session) Sync(ctx context.Context, o SyncOptions) (SyncReport, error) {
	if o.DryRun {
		return s.dryRun(ctx, o)
	}
	if o.NewDataset {
		return s.beginDataset(ctx, o)
	}
	var report SyncReport
	err := s.askProcess(ctx, actionSync, o, &report)
	if errors.Is(err, errNobody) {
		return s.syncHere(ctx, o)
	}
	if err == nil {
		report.HeldChannels, err = s.WaitElsewhere(ctx, report.Sequence)
	}
	return report, err
}

func (s *Session) dryRun(ctx context.Context, o SyncOptions) (SyncReport, error) {
	w, err := s.newWorker()
	if err != nil {
		return SyncReport{}, err
	}
	r, err := w.SyncWith(ctx, worker.Options(o))
	report := newReport(r)
	report.Changes = r.Changes
	return report, errors.Join(err, w.Close())
}

// beginDataset makes the first pass of a new dataset, and then one with the channels.
// A running process would go on with the stream that it knows.
func (s *Session) beginDataset(ctx context.Context, o SyncOptions) (SyncReport, error) {
	var status ops.Status
	switch err := s.askProcess(ctx, actionStatus, nil, &status); {
	case err == nil:
		return SyncReport{}, cli.UsageError("netsync is running: stop it, run netsync sync --new-dataset, and start it again")
	case !errors.Is(err, errNobody):
		return SyncReport{}, err
	}
	w, err := s.newWorker()
	if err != nil {
		return SyncReport{}, err
	}
	if _, err := w.SyncWith(ctx, worker.Options(o)); err != nil {
		return SyncReport{}, errors.Join(err, w.Close())
	}
	if err := w.Close(); err != nil {
		return SyncReport{}, err
	}
	o.NewDataset = false
	return s.syncHere(ctx, o)
}

func (s *Session) syncHere(ctx context.Context, o SyncOptions) (SyncReport, error) {
	roles, err := Configured(s.Config, nil)
	if err != nil {
		return SyncReport{}, err
	}
	n, err := newNode(s, roles)
	if err != nil {
		return SyncReport{}, err
	}
	running, stop := context.WithCancel(ctx)
	group, running := errgroup.WithContext(running)
	n.runChannels(running, group)
	n.runReporter(running, group)
	report, err := n.syncReport(ctx, o)
	stop()
	return report, errors.Join(err, group.Wait(), n.closeWorker())
}

// pollStatus is the pause between two questions to other processes.
const pollStatus = 250 * time.Millisecond

// WaitElsewhere waits for the channels of all running processes, and for the targets of
// the website. It returns the channels that are held, and does not wait for them.
func (s *Session) WaitElsewhere(ctx context.Context, seq event.Seq) ([]heldChannel, error) {
	for began := time.Now(); ; {
		all, err := s.gatherStatuses(ctx)
		if err != nil {
			return nil, err
		}
		behind, held := behindChannel(all, seq)
		var failing error
		if behind == "" && !isHeld(held, RoleWebsite) { // which the targets show
			behind, failing = behindTarget(all, seq)
		}
		if behind == "" {
			return held, nil
		}
		if failing != nil && time.Since(began) > pushPatience {
			return held, outsideError(failing)
		}
		select {
		case <-time.After(pollStatus):
		case <-ctx.Done():
			return held, fmt.Errorf("wait for the %s: %w", behind, ctx.Err())
		}
	}
}

// behindChannel returns a channel that does not show a changeset although it is not
// held, and those that are held.
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

// behindTarget returns a target that does not show a changeset, and its error if it
// fails. A target that does not fail comes first.
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

// A SyncReport is the result of a pass.
type SyncReport struct {
	Commit      string          `json:"commit"`
	Changeset   string          `json:"changeset"` // the last in the stream
	Sequence    event.Seq       `json:"sequence"`
	Published   int             `json:"published"`   // record events of this pass
	Held        bool            `json:"held"`        // the whole commit is
	Quarantined []string        `json:"quarantined"` // records that keep their last good version
	Findings    []event.Finding `json:"findings"`
	Changes     []*event.Change `json:"changes,omitempty"` // of a dry run
	// HeldChannels are held, and do not show the changeset.
	HeldChannels []heldChannel `json:"held_channels,omitempty"`
}

// A heldChannel is a channel that is held at an older release.
type heldChannel struct {
	Channel string          `json:"channel"`
	Hold    publishers.Hold `json:"hold"`
}

func isHeld(held []heldChannel, name string) bool {
	return slices.ContainsFunc(held, func(h heldChannel) bool { return h.Channel == name })
}

func newReport(r worker.Result) SyncReport {
	return SyncReport{
		Commit:    string(r.Commit),
		Changeset: r.Position.Changeset,
		Sequence:  r.Position.Sequence,
		Published: len(r.Changes),
		Held:      r.Held,
		Findings:  r.Findings,

		Quarantined: r.Quarantined,
	}
}
