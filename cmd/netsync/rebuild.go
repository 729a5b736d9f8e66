package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/publishers"
	"netsync/schema/event"
)

func rebuildCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:       "rebuild CHANNEL",
		Short:     "Rebuild one channel from the stream: " + strings.Join(channelNames(), ", "),
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: channelNames(),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := cli.LoadConfig(path)
			if err != nil {
				return err
			}
			s, err := openSession(cmd.Context(), cfg, cli.NewCommandLog(cfg))
			if err != nil {
				return err
			}
			p, held, err := s.rebuild(cmd.Context(), args[0])
			if err = errors.Join(err, s.Close()); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Rebuilt %s: it shows changeset %s.\n", args[0], p.Changeset)
			if held != nil {
				fmt.Fprintf(cmd.OutOrStdout(), "It was held at changeset %s; that is ended.\n", held.Changeset)
			}
			return nil
		},
	}
	cli.AddConfigFlag(cmd, &path)
	return cmd
}

// rebuild builds a channel anew, and tells what held it before.
func (s *session) rebuild(ctx context.Context, name string) (event.Position, *publishers.Hold, error) {
	var p event.Position
	before, err := s.rollback(ctx, name, rollbackOptions{List: true})
	if err != nil {
		return p, nil, err
	}
	if err := s.ask(ctx, actionRebuild+"."+name, nil, &p); errors.Is(err, errNobody) {
		runner, err := s.runner(name)
		if err != nil {
			return p, nil, err
		}
		p, err = runner.Rebuild(ctx)
		if err == nil && name == roleWebsite {
			err = s.pushAgain(ctx)
		}
		if err != nil {
			return p, nil, err
		}
	} else if err != nil {
		return p, nil, err
	}
	if before.Hold == nil || name != roleWebsite || !s.cfg.Feed.Enabled {
		return p, before.Hold, nil
	}
	_, err = s.rollback(ctx, roleFeed, rollbackOptions{Resume: true, Rollback: publishers.Rollback{Follows: name}})
	return p, before.Hold, err
}

// runner makes a runner for a channel that no process publishes.
func (s *session) runner(name string) (*publishers.Runner, error) {
	channel, err := s.channel(name, s.dir(name))
	if err != nil {
		return nil, err
	}
	return publishers.NewRunner(publishers.Config{Channel: channel, Open: s.stream, Dir: s.dir(name), Log: s.log})
}

// pushAgain has the targets of the website show what it shows now.
func (s *session) pushAgain(ctx context.Context) error {
	t, err := s.targets(nil)
	if err != nil {
		return err
	}
	return t.again(ctx)
}
