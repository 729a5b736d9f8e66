package operate

import (
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/schema"
)

func republishCommand() *cobra.Command {
	var path string
	var asJSON bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "republish RECORD…",
		Short: "Emit records again, marked as such: netsync republish networks/una-europa",
		Long: `Emit records again for consumers that lost them or were told wrongly. The
events are marked "republished" and change nothing; feed and newsletter do not
mention them.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var o process.SyncOptions
			for _, arg := range args {
				id, err := schema.ParseRecordID(arg)
				if err != nil {
					return cli.UsageError("republish: %w", err)
				}
				o.Republish = append(o.Republish, id)
			}
			return runSync(cmd, path, o, timeout, asJSON)
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cli.AddJSONFlag(cmd, &asJSON)
	cmd.Flags().DurationVar(&timeout, "timeout", passLimit, "give up after this long")
	return cmd
}
