package operate

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
)

func syncCommand() *cobra.Command {
	var path string
	var asJSON bool
	var options process.SyncOptions
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
	cli.AddJSONFlag(cmd, &asJSON)
	cmd.Flags().BoolVar(&options.DryRun, "dry-run", false, "publish nothing; print the events that would be")
	cmd.Flags().BoolVar(&options.AllowRemovals, "allow-removals", false, "let more than a tenth of a collection go")
	cmd.Flags().BoolVar(&options.NewDataset, "new-dataset", false, "let the manifest have another id than the dataset is published under: begin a new stream")
	cmd.Flags().DurationVar(&timeout, "timeout", passLimit, "give up after this long")
	return cmd
}

// runSync makes a pass and prints its result.
func runSync(cmd *cobra.Command, path string, o process.SyncOptions, timeout time.Duration, asJSON bool) error {
	ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
	defer cancel()
	return process.WithSession(ctx, path, func(ctx context.Context, s *process.Session) error {
		report, err := s.Sync(ctx, o)
		if err != nil {
			return err
		}
		return printSyncReport(cmd.OutOrStdout(), report, asJSON, o.DryRun)
	})
}

// passLimit is how long a pass may take, channels included.
const passLimit = 10 * time.Minute
