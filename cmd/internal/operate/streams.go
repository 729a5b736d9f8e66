package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/schema/shared"
	"netsync/schema/stream"
)

func streamsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "streams",
		Short: "List the datasets' streams of the broker, and remove one that holds nothing but an import",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return cli.UsageError("say streams list or streams remove") },
	}
	cmd.AddCommand(streamsListCommand(), streamsRemoveCommand())
	return cmd
}

// A streamLine is a stream in the output of streams list.
type streamLine struct {
	Dataset    string    `json:"dataset"`
	Stream     string    `json:"stream"`
	Created    time.Time `json:"created"`
	Messages   uint64    `json:"messages"`
	Changesets uint64    `json:"changesets"`
	Used       bool      `json:"used"`          // by this configuration
	Why        string    `json:"why,omitempty"` // it is used
}

func streamsListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the datasets' streams, and say which one is used and why",
		Args:  cobra.NoArgs,
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, _ []string) error {
		lines, err := streamLines(ctx, s)
		if err != nil {
			return err
		}
		if asJSON {
			return cli.PrintJSON(cmd.OutOrStdout(), lines)
		}
		return printStreams(cmd.OutOrStdout(), lines)
	})
	cli.AddJSONFlag(cmd, &asJSON)
	return cmd
}

// streamLines describes the broker's streams.
func streamLines(ctx context.Context, s *process.Session) ([]streamLine, error) {
	all, err := stream.Candidates(ctx, s.JetStream)
	if err != nil {
		return nil, err
	}
	used, why := s.Config.Dataset.ID, "dataset.id names it"
	if used == "" {
		var chosen stream.Candidate
		// Without a difference between several, none is used.
		if chosen, why, err = stream.Choose(all); err == nil {
			used = chosen.Dataset
		}
	}
	lines := []streamLine{}
	for _, c := range all {
		line := streamLine{Dataset: c.Dataset, Stream: stream.Name(c.Dataset), Created: c.Created, Messages: c.Messages, Changesets: c.Changesets}
		if line.Used = c.Dataset == used; line.Used {
			line.Why = why
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func printStreams(w io.Writer, lines []streamLine) error {
	if len(lines) == 0 {
		fmt.Fprintln(w, "The broker has no stream of a dataset yet.")
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, l := range lines {
		use := "not used"
		if l.Used {
			use = "used: " + l.Why
		}
		fmt.Fprintf(table, "%s\t%s\t%s\tcreated %s\t%s\n", l.Dataset, shared.Plural(int(l.Messages), "message"),
			shared.Plural(int(l.Changesets), "changeset"), l.Created.UTC().Format(time.DateTime), use)
	}
	return table.Flush()
}

func streamsRemoveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove DATASET",
		Short: "Remove a stream and its images that holds nothing but an import and is not used",
		Args:  cobra.ExactArgs(1),
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, args []string) error {
		if err := removeStream(ctx, s, args[0]); err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "Removed the stream %s and its images.\n", stream.Name(args[0]))
		return nil
	})
	return cmd
}

// removeStream removes a stream that Git can bring back whole.
func removeStream(ctx context.Context, s *process.Session, dataset string) error {
	lines, err := streamLines(ctx, s)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(lines, func(l streamLine) bool { return l.Dataset == dataset })
	switch {
	case i < 0:
		return cli.UsageError("the broker has no stream of a dataset %q; netsync streams list shows them", dataset)
	case lines[i].Used:
		return &cli.Error{Code: cli.ExitData, Err: fmt.Errorf("%s is in use (%s) and was not removed", lines[i].Stream, lines[i].Why)}
	case lines[i].Changesets > 1:
		return &cli.Error{Code: cli.ExitData, Err: fmt.Errorf("%s holds %d changesets, which Git alone does not bring back, and was not removed", lines[i].Stream, lines[i].Changesets)}
	}
	for _, name := range []string{stream.Name(dataset), stream.AssetStream(dataset)} {
		if err := s.JetStream.DeleteStream(ctx, name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return fmt.Errorf("remove stream %s: %w", name, err)
		}
	}
	return nil
}
