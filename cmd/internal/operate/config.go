package operate

import (
	"fmt"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
)

func configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print or check the effective configuration",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cli.UsageError("say config print or config check") },
	}
	cmd.AddCommand(configPrintCommand(), configCheckCommand())
	return cmd
}

func configPrintCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "print",
		Short: "Print the effective configuration, where each value comes from, secrets hidden",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(path)
			if err != nil {
				return err
			}
			return cfg.Print(cmd.OutOrStdout())
		},
	}
	cli.AddConfigFlag(cmd, &path)
	return cmd
}

func configCheckCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration; exit 2 where it is wrong",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(path)
			if err == nil {
				err = cfg.RequireRepository()
			}
			if err != nil {
				return &cli.Error{Code: cli.ExitUsage, Err: err}
			}
			fmt.Fprintln(cmd.OutOrStdout(), "The configuration is good.")
			return nil
		},
	}
	cli.AddConfigFlag(cmd, &path)
	return cmd
}
