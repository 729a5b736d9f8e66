package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/publishers"
)

// rollbackOptions are what a command asks of one channel.
type rollbackOptions struct {
	publishers.Rollback
	List   bool `json:"list,omitempty"`
	Resume bool `json:"resume,omitempty"`
}

// A rollbackAnswer is what became of it.
type rollbackAnswer struct {
	Channel  string                   `json:"channel"`
	Hold     *publishers.Hold         `json:"hold"` // nil where the channel is not held
	Ended    *publishers.Hold         `json:"ended,omitempty"`
	Releases []publishers.KeptRelease `json:"releases,omitempty"`
	// Followers are the channels that were held, or let go, with this one.
	Followers []rollbackAnswer `json:"followers,omitempty"`
}

func rollbackCommand() *cobra.Command {
	var path string
	var o rollbackOptions
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
		ValidArgs: []string{roleWebsite, roleFeed},
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := cli.LoadConfig(path)
			if err != nil {
				return err
			}
			s, err := openSession(cmd.Context(), cfg, cli.NewCommandLog(cfg))
			if err != nil {
				return err
			}
			answer, err := s.rollbackAll(cmd.Context(), args[0], o)
			if err = errors.Join(err, s.Close()); err != nil {
				return err
			}
			return answer.print(cmd.OutOrStdout(), o, asJSON)
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().StringVar(&o.To, "to", "", "the changeset, or the beginning of one, or the release to go back to")
	cmd.Flags().BoolVar(&o.List, "list", false, "list the releases that are kept, the newest first")
	cmd.Flags().BoolVar(&o.Resume, "resume", false, "end the hold: the channel catches up by itself")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.MarkFlagsMutuallyExclusive("to", "list", "resume")
	return cmd
}

func canRollBack(_ *cobra.Command, args []string) error {
	switch args[0] {
	case roleWebsite, roleFeed:
		return nil
	case roleNewsletter:
		return cli.UsageError("the newsletter cannot be rolled back: mail that was sent stays sent")
	}
	return cli.UsageError("there is no channel %q; website and feed can be rolled back", args[0])
}

// rollbackAll does what is asked to a channel, and to those that follow it.
func (s *session) rollbackAll(ctx context.Context, channel string, o rollbackOptions) (rollbackAnswer, error) {
	answer, err := s.rollback(ctx, channel, o)
	if err != nil || o.List || channel != roleWebsite || !s.cfg.Feed.Enabled {
		return answer, err
	}
	if answer.Hold == nil && answer.Ended == nil {
		return answer, nil
	}
	follow := rollbackOptions{Resume: o.Resume, Rollback: publishers.Rollback{Follows: channel}}
	if answer.Hold != nil {
		follow.NotAfter = answer.Hold.Sequence
	}
	feed, err := s.rollback(ctx, roleFeed, follow)
	if feed.Hold != nil || feed.Ended != nil {
		answer.Followers = append(answer.Followers, feed)
	}
	return answer, err
}

// rollback has the running process do it or, where none runs, does it here.
func (s *session) rollback(ctx context.Context, channel string, o rollbackOptions) (rollbackAnswer, error) {
	var answer rollbackAnswer
	err := s.ask(ctx, actionRollback+"."+channel, o, &answer)
	if !errors.Is(err, errNobody) {
		return answer, err
	}
	runner, err := s.runner(channel)
	if err != nil {
		return answer, err
	}
	return answerRollback(ctx, runner, o)
}

// answerRollback does what a request asks of a channel of this process.
func answerRollback(ctx context.Context, runner *publishers.Runner, o rollbackOptions) (rollbackAnswer, error) {
	answer := rollbackAnswer{Channel: runner.Channel.Name()}
	status, err := runner.Look(ctx)
	if err != nil {
		return answer, err
	}
	answer.Hold = status.Held
	switch {
	case o.List:
		answer.Releases, err = runner.Kept()
	case o.Resume:
		err = answer.resume(runner, o)
	case o.Follows != "" && answer.Hold != nil && answer.Hold.Follows == "":
		// Somebody holds it already, for reasons of his own.
	default:
		var hold publishers.Hold
		if hold, err = runner.RollBack(ctx, o.Rollback); err == nil {
			answer.Hold = &hold
		}
	}
	if errors.Is(err, publishers.ErrNotKept) {
		if o.Follows != "" {
			return answer, nil // it shows nothing, so it is ahead of nothing
		}
		err = &cli.Error{Code: cli.ExitUsage, Err: fmt.Errorf("roll back %s: %w", answer.Channel, err)}
	}
	return answer, err
}

// resume ends a hold. One that began with that of another channel ends with
// it, and one that began by itself does not.
func (a *rollbackAnswer) resume(runner *publishers.Runner, o rollbackOptions) error {
	switch {
	case a.Hold == nil:
		return nil
	case o.Follows == "" && a.Hold.Follows != "":
		return cli.UsageError("the %s is held with the %s; resume that", a.Channel, a.Hold.Follows)
	case o.Follows != a.Hold.Follows:
		return nil
	}
	ended, err := runner.Resume()
	if err == nil {
		a.Hold, a.Ended = nil, ended
	}
	return err
}

func (a rollbackAnswer) print(w io.Writer, o rollbackOptions, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, a)
	}
	switch {
	case o.List:
		a.printReleases(w)
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

func (a rollbackAnswer) printReleases(w io.Writer) {
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
