package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/schema/event"
	"netsync/schema/shared"
	"netsync/schema/stream"
)

type eventsOptions struct {
	since  string
	follow bool
	filter eventFilter
	asJSON bool
}

func eventsCommand() *cobra.Command {
	var path string
	var o eventsOptions
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Print the events of the stream: past ones, and new ones with --follow",
		Long: `Print the events of the stream: past ones, and new ones with --follow.

--since says where to begin:
  42, seq:42            with the event that has this sequence number
  2026-11-24T08:00:00Z  with the first event at that time or after it
  2026-11-24            the same, for the beginning of a day in UTC
  24h, 7d               the same, for a time that long ago
  3f2a9c1               after the changeset that published this commit
  commit:3792168        the same, for a commit that looks like a number

Digits alone are a sequence number up to the one that the next event will have,
and a commit beyond that. A commit may be abbreviated, and the id of a changeset serves as well. Where
several commits were published together, they share one changeset.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, err := parseSince(o.since, time.Now())
			if err != nil {
				return err
			}
			if err := o.filter.validate(); err != nil {
				return err
			}
			return process.WithSession(cmd.Context(), path, func(ctx context.Context, s *process.Session) error {
				return printEvents(ctx, s, cmd.OutOrStdout(), o, from)
			})
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().StringVar(&o.since, "since", "1", "where to begin: a sequence number, a time, a duration back, or a commit (seq: and commit: say which)")
	cmd.Flags().BoolVarP(&o.follow, "follow", "f", false, "go on with new events until interrupted")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one CloudEvents message a line")
	o.filter.addFlags(cmd)
	return cmd
}

func printEvents(ctx context.Context, s *process.Session, w io.Writer, o eventsOptions, since since) error {
	reader, err := s.OpenStream(ctx)
	if errors.Is(err, stream.ErrNoStream) && since.commit != "" {
		return unknownCommit(since.commit)
	}
	if errors.Is(err, stream.ErrNoStream) && !o.follow {
		return nil // nothing was published: no events is the truth
	}
	if err != nil {
		return err
	}
	from, err := since.findStart(ctx, reader)
	if err != nil {
		return err
	}
	last, err := reader.Last(ctx)
	if err != nil {
		return err
	}
	bar := cli.NewProgress(from, last)
	defer bar.Clear()
	messages := reader.Replay(ctx, from, last)
	if o.follow {
		messages = reader.Follow(ctx, from)
	}
	for m, err := range messages {
		if ctx.Err() != nil {
			return nil // interrupted, as --follow is meant to be
		}
		if err != nil {
			return err
		}
		bar.Show(m.Seq)
		if !m.IsEvent() || !o.filter.isShown(m.Event) {
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
		return cli.ChangeLine(e.Change) + bulkMark(e.Change) + commitMark(e.Change)
	case e.Changeset != nil:
		cs := e.Changeset
		return fmt.Sprintf("%-9s%s  %s, %s, state %s", "complete", cs.ID, shared.Plural(cs.Events, "event"), shared.Plural(cs.Records, "record"), cs.StateDigest.Short())
	}
	return fmt.Sprintf("%-9s%s, %s at commit %s", "findings", shared.Plural(e.Findings.Summary.Error, "error"), shared.Plural(e.Findings.Summary.Warning, "warning"), cli.ShortCommit(e.Findings.Commit))
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
	return fmt.Sprintf("  %s %s: %s", cli.ShortCommit(newest.SHA), newest.Author, newest.Subject)
}
