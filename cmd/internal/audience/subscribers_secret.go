package audience

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
)

func subscribersRenewSecretCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "renew-secret",
		Short: "Renew the secret of subscribers' links; earlier links only unsubscribe",
		Long: "Renew the secret that signs subscribers' links, for example after someone\n" +
			"could read the broker's data. For a year, links in earlier mail still\n" +
			"unsubscribe; for anything else they mail their subscriber a new link.",
		Args: cobra.NoArgs,
	}
	useNewsletter(cmd, func(ctx context.Context, n *newsletter.Newsletter, _ []string) error {
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
	return cmd
}
