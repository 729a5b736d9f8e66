package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
)

func subscribersRenewSecretCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "renew-secret",
		Short: "Renew the secret of subscribers' links; earlier links only unsubscribe",
		Long: "Renew the secret that signs subscribers' links, for example after someone\n" +
			"could read the broker's data. For a year, links in earlier mail still\n" +
			"unsubscribe; for anything else they mail their subscriber a new link.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withLetter(cmd, path, func(ctx context.Context, n *newsletter.Newsletter) error {
				list, err := n.Subscribers(ctx)
				if err != nil {
					return err
				}
				now := time.Now()
				if err := list.RenewSecret(ctx, now); err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "Renewed the secret of links. Links in earlier mail unsubscribe until %s; for anything else they mail their subscriber a new link.\n",
					now.Add(subscribers.LinkLifetime).Format(time.DateOnly))
				return nil
			})
		},
	}
	cli.AddConfigFlag(cmd, &path)
	return cmd
}
