package operate

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/cmd/internal/process"
)

func rollbackCommand() *cobra.Command {
	var o process.RollbackOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "rollback CHANNEL",
		Short: "Show an older release of the website or the feed again, and hold it there",
		Long: `Show an older release of the website or the feed again: the one before, or
the one that --to names. The channel is held there, whatever is published, until
netsync rollback CHANNEL --resume, or a rebuild.

The feed follows the website: while the website is held, the feed goes back to
a release that does not link to what the website does not show, and waits with
it, and so do new drafts of the newsletter. Mail that was sent stays sent: the
newsletter cannot be rolled back.`,
		Example: `  netsync rollback website --list
  netsync rollback website
  netsync rollback website --to 3f2a0c1d9e
  netsync rollback website --resume`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), canRollBack),
		ValidArgs: []string{process.RoleWebsite, process.RoleFeed},
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, args []string) error {
		answer, err := s.RollbackAll(ctx, args[0], o)
		if err != nil {
			return err
		}
		return printRollback(cmd.OutOrStdout(), answer, o, asJSON)
	})
	cmd.Flags().StringVar(&o.To, "to", "", "the changeset, or the beginning of one, or the release to go back to")
	cmd.Flags().BoolVar(&o.List, "list", false, "list the releases that are kept, the newest first")
	cmd.Flags().BoolVar(&o.Resume, "resume", false, "end the hold: the channel catches up by itself")
	cli.AddJSONFlag(cmd, &asJSON)
	cmd.MarkFlagsMutuallyExclusive("to", "list", "resume")
	return cmd
}

func canRollBack(_ *cobra.Command, args []string) error {
	switch args[0] {
	case process.RoleWebsite, process.RoleFeed:
		return nil
	case process.RoleNewsletter:
		return cli.UsageError("the newsletter cannot be rolled back: mail that was sent stays sent")
	}
	return cli.UsageError("there is no channel %q; website and feed can be rolled back", args[0])
}

func printRollback(w io.Writer, a process.RollbackAnswer, o process.RollbackOptions, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, a)
	}
	switch {
	case o.List:
		printReleases(w, a)
	case a.Ended != nil:
		fmt.Fprintf(w, "The hold of %s is ended; it catches up by itself.\n", a.Channel)
	case o.Resume:
		fmt.Fprintf(w, "%s is not held.\n", a.Channel)
	default:
		fmt.Fprintf(w, "%s shows changeset %s again and is held there.\n", a.Channel, a.Hold.Changeset)
	}
	for _, f := range a.Followers {
		switch {
		case f.Ended != nil:
			fmt.Fprintf(w, "The hold of %s is ended with it.\n", f.Channel)
		case a.Hold != nil && f.Hold.Sequence > a.Hold.Sequence:
			fmt.Fprintf(w, "%s keeps no release that old: it is held at %s, and may link to what %s does not show.\n", f.Channel, f.Hold.Changeset, a.Channel)
		default:
			fmt.Fprintf(w, "%s follows it and is held at %s.\n", f.Channel, f.Hold.Changeset)
		}
	}
	if a.Hold != nil && !o.List {
		fmt.Fprintf(w, "netsync rollback %s --resume lets it go on.\n", a.Channel)
	}
	return nil
}

func printReleases(w io.Writer, a process.RollbackAnswer) {
	for _, r := range a.Releases {
		note := ""
		if r.Current {
			note = "  current"
			if a.Hold != nil {
				note += ", held since " + ops.Ago(a.Hold.Since, time.Now())
			}
		}
		fmt.Fprintf(w, "%-24s %-52s %s%s\n", r.Release, r.Changeset, r.Time.Local().Format(time.DateTime), note)
	}
}
