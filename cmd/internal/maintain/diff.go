package maintain

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/shared"
	"netsync/schema/story"
	"netsync/worker"
	"netsync/worker/git"
	"netsync/worker/github"
)

// diffFormats are the forms of the output. It is read only.
var diffFormats = []string{"text", "json", "markdown"}

func diffCommand() *cobra.Command {
	var dir, format string
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Print the events that going from one revision to another would emit",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(diffFormats, format) {
				return cli.UsageError("--format: there is no %q; there are %s", format, strings.Join(diffFormats, ", "))
			}
			c, err := compare(cmd.Context(), dir, args[0], args[1])
			if err != nil {
				return err
			}
			if n := schema.Summarize(c.After, 0).Errors; n > 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s has %s; what has them stays as it is. See netsync validate --rev %s\n", args[1], shared.Plural(n, "error"), args[1])
			}
			return printComparison(cmd.OutOrStdout(), c, format)
		},
	}
	cmd.Flags().StringVarP(&dir, "dir", "C", ".", "folder of the dataset")
	cmd.Flags().StringVar(&format, "format", "text", "form of the output: "+strings.Join(diffFormats, ", "))
	return cmd
}

// compare compares two revisions of the dataset in a folder, as a worker would
// publish them.
func compare(ctx context.Context, dir, from, to string) (*worker.Comparison, error) {
	repo, err := git.OpenRepository(ctx, dir)
	if err != nil {
		return nil, cli.UsageError("%w", err)
	}
	defer repo.Close()
	first, err := repo.Resolve(ctx, from)
	if err != nil {
		return nil, cli.UsageError("%w", err)
	}
	last, err := repo.Resolve(ctx, to)
	if err != nil {
		return nil, cli.UsageError("%w", err)
	}
	c, err := worker.Compare(ctx, repo, first, last, repo.Prefix(), time.Now())
	if err != nil {
		return nil, err
	}
	if c.Broken {
		return nil, &cli.Error{Code: cli.ExitData, Err: fmt.Errorf("the manifest of %s or %s has errors; see netsync validate --rev", from, to)}
	}
	return c, nil
}

func printComparison(w io.Writer, c *worker.Comparison, format string) error {
	switch format {
	case "json":
		return printEvents(w, c.Changes)
	case "markdown":
		d := story.Describer{Manifest: c.Manifest, State: c.State}
		_, err := io.WriteString(w, github.Changes(d, c.Changes, 0))
		return err
	}
	for _, c := range c.Changes {
		fmt.Fprintln(w, cli.ChangeLine(c))
		if c.Op == event.Updated {
			printPatch(w, c.Patch)
		}
	}
	fmt.Fprintf(w, "%s would be emitted.\n", shared.Plural(len(c.Changes), "event"))
	return nil
}

func printEvents(w io.Writer, changes []*event.Change) error {
	if changes == nil {
		changes = []*event.Change{}
	}
	return cli.PrintJSON(w, struct {
		Events []*event.Change `json:"events"`
	}{changes})
}

// printPatch prints the operations of an RFC 6902 patch, one a line.
func printPatch(w io.Writer, patch json.RawMessage) {
	var operations []struct {
		Op    string          `json:"op"`
		Path  string          `json:"path"`
		Value json.RawMessage `json:"value"`
	}
	if json.Unmarshal(patch, &operations) != nil {
		return // made by us a moment ago
	}
	for _, o := range operations {
		fmt.Fprintf(w, "         %-8s %s %s\n", o.Op, o.Path, o.Value)
	}
}
