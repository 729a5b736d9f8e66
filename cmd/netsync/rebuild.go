package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

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
			cfg, err := loadConfig(path)
			if err != nil {
				return err
			}
			s, err := openSession(cmd.Context(), cfg, commandLog(cfg))
			if err != nil {
				return err
			}
			p, err := s.rebuild(cmd.Context(), args[0])
			if err = errors.Join(err, s.Close()); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Rebuilt %s: it shows changeset %s.\n", args[0], p.Changeset)
			return nil
		},
	}
	configFlag(cmd, &path)
	return cmd
}

func (s *session) rebuild(ctx context.Context, name string) (event.Position, error) {
	var p event.Position
	err := s.ask(ctx, actionRebuild+"."+name, nil, &p)
	if !errors.Is(err, errNobody) {
		return p, err
	}
	channel, err := s.channel(name, s.dir(name))
	if err != nil {
		return p, err
	}
	reader, err := s.stream(ctx)
	if err != nil {
		return p, err
	}
	return publishers.Build(ctx, channel, reader, 0)
}
