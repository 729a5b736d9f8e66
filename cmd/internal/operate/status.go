package operate

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/cmd/internal/process"
)

func statusCommand() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Print what each part last did, its lag, next runs and findings",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(path)
			if err != nil {
				return err
			}
			s, err := process.OpenSession(cmd.Context(), cfg, cli.NewCommandLog(cfg))
			if err != nil {
				return explainDisk(cfg, err)
			}
			all, running, err := s.Statuses(cmd.Context())
			if err = errors.Join(err, s.Close()); err != nil {
				return explainDisk(cfg, err)
			}
			return printStatuses(cmd.OutOrStdout(), all, running, asJSON)
		},
	}
	cli.AddConfigFlag(cmd, &path)
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
