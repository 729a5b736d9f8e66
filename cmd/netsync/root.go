package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/audience"
	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/maintain"
	"netsync/cmd/internal/operate"
)

// run executes a command line and returns the exit code. The first SIGINT or
// SIGTERM ends the command in order, a second one at once.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	root := newRoot()
	root.SetArgs(args)
	return cli.ExitCode(os.Stderr, root.ExecuteContext(ctx))
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "netsync",
		Short: "Keep a record of university networks in Git, and every channel in step with it",
		Long: `netsync keeps an institution's record of the university networks and
associations it belongs to in one Git repository, and keeps a website, a feed,
a newsletter and everybody who subscribes to its events in step with it.

Try it: netsync demo`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return cli.UsageError("%w\nSee netsync %s --help", err, cmd.Name())
	})
	for _, commands := range [][]*cobra.Command{maintain.Commands(), operate.Commands(), audience.Commands()} {
		root.AddCommand(commands...)
	}
	root.AddCommand(cli.VersionCommand())
	usageFromArgs(root)
	return root
}

// usageFromArgs makes wrong arguments of every command usage errors.
func usageFromArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			var exit *cli.Error
			if err == nil || errors.As(err, &exit) {
				return err
			}
			return cli.UsageError("%w\nSee %s --help", err, cmd.CommandPath())
		}
	}
	for _, sub := range cmd.Commands() {
		usageFromArgs(sub)
	}
}
