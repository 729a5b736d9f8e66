package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker"
	"netsync/worker/validate"
)

// A syncReport is what one pass did, as sync prints it.
type syncReport struct {
	Commit    string           `json:"commit"`
	Changeset string           `json:"changeset"` // the last in the stream
	Sequence  event.Seq        `json:"sequence"`
	Published int              `json:"published"` // record events of this pass
	Held      bool             `json:"held"`
	Findings  []schema.Finding `json:"findings"`
	Changes   []*event.Change  `json:"changes,omitempty"` // of a dry run
}

func newReport(r worker.Result) syncReport {
	return syncReport{
		Commit:    string(r.Commit),
		Changeset: r.Position.Changeset,
		Sequence:  r.Position.Sequence,
		Published: len(r.Changes),
		Held:      r.Held,
		Findings:  r.Findings,
	}
}

func (n *node) syncReport(ctx context.Context) (syncReport, error) {
	r, err := n.syncAll(ctx)
	return newReport(r), err
}

func syncCommand() *cobra.Command {
	var path string
	var asJSON, dryRun bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Make one pass: validate, emit, wait until every channel shows it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(path)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			s, err := openSession(ctx, cfg, commandLog(cfg))
			if err != nil {
				return err
			}
			report, err := s.sync(ctx, dryRun)
			if err = errors.Join(err, s.Close()); err != nil {
				return err
			}
			return report.print(cmd.OutOrStdout(), asJSON, dryRun)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "publish nothing; print the events that would be")
	cmd.Flags().DurationVar(&timeout, "timeout", 10*time.Minute, "give up after this long")
	return cmd
}

// sync has the running process make a pass or, where none runs, makes it here.
func (s *session) sync(ctx context.Context, dryRun bool) (syncReport, error) {
	if dryRun {
		return s.dryRun(ctx)
	}
	var report syncReport
	err := s.ask(ctx, actionSync, &report)
	if errors.Is(err, errNobody) {
		return s.syncHere(ctx)
	}
	if err == nil {
		err = s.waitElsewhere(ctx, report.Sequence)
	}
	return report, err
}

func (s *session) dryRun(ctx context.Context) (syncReport, error) {
	w, err := s.worker()
	if err != nil {
		return syncReport{}, err
	}
	r, err := w.SyncWith(ctx, worker.Options{DryRun: true})
	report := newReport(r)
	report.Changes = r.Changes
	return report, errors.Join(err, w.Close())
}

func (s *session) syncHere(ctx context.Context) (syncReport, error) {
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
	report, err := n.syncReport(ctx)
	stop()
	return report, errors.Join(err, group.Wait(), n.closeWorker())
}

// pollStatus is how often other processes are asked how far they are.
const pollStatus = 250 * time.Millisecond

// waitElsewhere waits for the channels of all running processes.
func (s *session) waitElsewhere(ctx context.Context, seq event.Seq) error {
	for {
		behind, err := s.behind(ctx, seq)
		if err != nil || behind == "" {
			return err
		}
		select {
		case <-time.After(pollStatus):
		case <-ctx.Done():
			return fmt.Errorf("wait for the channel %s: %w", behind, ctx.Err())
		}
	}
}

func (s *session) behind(ctx context.Context, seq event.Seq) (string, error) {
	all, err := s.gather(ctx)
	if err != nil {
		return "", err
	}
	for _, status := range all {
		for _, c := range status.Channels {
			if c.Position.Sequence < seq {
				return c.Status.Channel, nil
			}
		}
	}
	return "", nil
}

func (r syncReport) print(w io.Writer, asJSON, dryRun bool) error {
	switch {
	case asJSON:
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(r); err != nil {
			return err
		}
	default:
		r.printText(w, dryRun)
	}
	if r.Held {
		return errData
	}
	return nil
}

func (r syncReport) printText(w io.Writer, dryRun bool) {
	for _, f := range r.Findings {
		fmt.Fprintln(w, validate.Line(f))
	}
	switch {
	case r.Held && r.Changeset == "":
		fmt.Fprintf(w, "Commit %s is held back because of its errors; nothing is published yet.\n", short(r.Commit))
	case r.Held:
		fmt.Fprintf(w, "Commit %s is held back because of its errors; changeset %s stays.\n", short(r.Commit), r.Changeset)
	case dryRun:
		for _, c := range r.Changes {
			fmt.Fprintln(w, changeLine(c))
		}
		fmt.Fprintf(w, "Commit %s would publish %s.\n", short(r.Commit), plural(r.Published, "change"))
	case r.Published == 0:
		fmt.Fprintf(w, "Nothing to publish: commit %s says what changeset %s does.\n", short(r.Commit), r.Changeset)
	default:
		fmt.Fprintf(w, "Published %s as changeset %s; every channel shows it.\n", plural(r.Published, "change"), r.Changeset)
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func short(commit string) string { return commit[:min(10, len(commit))] }

// changeLine is a change on one line.
func changeLine(c *event.Change) string {
	return fmt.Sprintf("%-8s %-40s %s", c.Op, c.RecordID(), c.Significance)
}
