package operate

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/cmd/internal/process"
)

func statusCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Print what each part last did, its lag, next runs and findings",
		Args:  cobra.NoArgs,
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, _ []string) error {
		all, running, err := s.Statuses(ctx)
		if err != nil {
			return err
		}
		return printStatuses(cmd.OutOrStdout(), all, running, asJSON)
	})
	cli.AddJSONFlag(cmd, &asJSON)
	return cmd
}

func printStatuses(w io.Writer, all []ops.Status, running, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, struct {
			Running   bool         `json:"running"`
			Processes []ops.Status `json:"processes"`
		}{running, all})
	}
	for i, status := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		printStatus(w, status, running)
	}
	return nil
}
