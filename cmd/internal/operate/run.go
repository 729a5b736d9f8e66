package operate

import (
	"strings"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
)

func runCommand() *cobra.Command {
	var path string
	var only []string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run worker, publishers, broker and HTTP in one process, as configured",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(path)
			if err != nil {
				return err
			}
			return process.Run(cmd.Context(), cfg, cli.NewLogger(cfg.Log), only)
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().StringSliceVar(&only, "only", nil, "run these roles only: "+strings.Join(process.AllRoles(), ", "))
	return cmd
}
