package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
)

type eventsOptions struct {
	since  uint64
	follow bool
	record string
	asJSON bool
}

func eventsCommand() *cobra.Command {
	var path string
	var o eventsOptions
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Print the events of the stream: past ones, and new ones with --follow",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			show, err := o.filter()
			if err != nil {
				return err
			}
			cfg, err := loadConfig(path)
			if err != nil {
				return err
			}
			s, err := openSession(cmd.Context(), cfg, commandLog(cfg))
			if err != nil {
				return err
			}
			err = s.events(cmd.Context(), cmd.OutOrStdout(), o, show)
			return errors.Join(err, s.Close())
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().Uint64Var(&o.since, "since", 1, "begin with this sequence number")
	cmd.Flags().BoolVarP(&o.follow, "follow", "f", false, "go on with new events until interrupted")
	cmd.Flags().StringVar(&o.record, "record", "", "only events of this record, such as networks/una-europa")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one CloudEvents message a line")
	return cmd
}

// filter returns which events are shown.
func (o eventsOptions) filter() (func(event.Event) bool, error) {
	if o.record == "" {
		return func(event.Event) bool { return true }, nil
	}
	id, err := schema.ParseRecordID(o.record)
	if err != nil {
		return nil, usageError("--record: %w", err)
	}
	return func(e event.Event) bool { return e.Change != nil && e.Change.RecordID() == id }, nil
}

func (s *session) events(ctx context.Context, w io.Writer, o eventsOptions, show func(event.Event) bool) error {
	reader, err := s.stream(ctx)
	if errors.Is(err, stream.ErrNoStream) && !o.follow {
		return nil // nothing was published: no events is the truth
	}
	if err != nil {
		return err
	}
	last, err := reader.Last(ctx)
	if err != nil {
		return err
	}
	messages := reader.Replay(ctx, event.Seq(o.since), last)
	if o.follow {
		messages = reader.Follow(ctx, event.Seq(o.since))
	}
	for m, err := range messages {
		if ctx.Err() != nil {
			return nil // interrupted, as --follow is meant to be
		}
		if err != nil {
			return err
		}
		if !show(m.Event) {
			continue
		}
		if err := printEvent(w, m, o.asJSON); err != nil {
			return err
		}
	}
	return nil
}

func printEvent(w io.Writer, m stream.Message, asJSON bool) error {
	if asJSON {
		data, err := event.Encode(m.Event)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s\n", data)
		return err
	}
	_, err := fmt.Fprintf(w, "%8d  %s  %s\n", m.Seq, m.Time.UTC().Format(time.DateTime), eventLine(m.Event))
	return err
}

func eventLine(e event.Event) string {
	switch {
	case e.Change != nil:
		return changeLine(e.Change) + bulkMark(e.Change) + commitMark(e.Change)
	case e.Changeset != nil:
		cs := e.Changeset
		return fmt.Sprintf("%-9s%s  %s, %s, state %s", "complete", cs.ID, plural(cs.Events, "event"), plural(cs.Records, "record"), cs.StateDigest.Short())
	}
	return fmt.Sprintf("%-9s%s, %s at commit %s", "findings", plural(e.Findings.Summary.Error, "error"), plural(e.Findings.Summary.Warning, "warning"), short(e.Findings.Commit))
}

func bulkMark(c *event.Change) string {
	if c.Bulk {
		return "  bulk"
	}
	return ""
}

func commitMark(c *event.Change) string {
	if len(c.Commits) == 0 {
		return ""
	}
	newest := c.Commits[0]
	return fmt.Sprintf("  %s %s: %s", short(newest.SHA), newest.Author, newest.Subject)
}
