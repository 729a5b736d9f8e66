package operate

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/process"
)

func rebuildCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:       "rebuild CHANNEL",
		Short:     "Rebuild one channel from the stream: " + strings.Join(process.ChannelNames(), ", "),
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: process.ChannelNames(),
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, args []string) error {
		p, held, err := s.Rebuild(ctx, args[0])
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "Rebuilt %s: it shows changeset %s.\n", args[0], p.Changeset)
		if held != nil {
			fmt.Fprintf(cmd.OutOrStdout(), "It was held at changeset %s; that is ended.\n", held.Changeset)
		}
		return nil
	})
	return cmd
}
