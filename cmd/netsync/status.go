package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/schema/stream"
)

func statusCommand() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Print what each part last did, its lag, next runs and findings",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(path)
			if err != nil {
				return err
			}
			s, err := openSession(cmd.Context(), cfg, cli.NewCommandLog(cfg))
			if err != nil {
				return explainDisk(cfg, err)
			}
			all, running, err := s.statuses(cmd.Context())
			if err = errors.Join(err, s.Close()); err != nil {
				return explainDisk(cfg, err)
			}
			return printStatuses(cmd.OutOrStdout(), all, running, asJSON)
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// statuses asks the running processes; where none runs, it looks at the data
// directory.
func (s *session) statuses(ctx context.Context) (all []ops.Status, running bool, err error) {
	all, err = s.gather(ctx)
	if err != nil || len(all) > 0 {
		return all, true, err
	}
	status, err := s.statusAtRest(ctx)
	return []ops.Status{status}, false, err
}

// statusAtRest reads what the stream and the channels' folders say. What no
// process does has no place in it.
func (s *session) statusAtRest(ctx context.Context) (ops.Status, error) {
	roles, err := configured(s.cfg, channelNames())
	if err != nil {
		return ops.Status{}, err
	}
	n, err := newNode(s, roles)
	if err != nil {
		return ops.Status{}, err
	}
	status := n.status(ctx)
	status.Next, status.Digest = []ops.Due{}, nil
	if letter := n.letter(); letter != nil {
		if err := n.audience.look(ctx, letter); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return ops.Status{}, err
		}
		status.Subscribers = n.audience.status()
	}
	reader, err := n.stream(ctx)
	if err != nil && !errors.Is(err, stream.ErrNoStream) {
		return ops.Status{}, err
	}
	status.Targets = n.targets.ask(ctx, reader, status)
	for i, c := range status.Channels {
		shown, err := n.runners[c.Channel].Look(ctx)
		if err != nil {
			return ops.Status{}, err
		}
		status.Channels[i] = behind(ctx, reader, status, shown)
	}
	return status, nil
}

func printStatuses(w io.Writer, all []ops.Status, running, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, struct {
			Running   bool         `json:"running"`
			Processes []ops.Status `json:"processes"`
		}{running, all})
	}
	for i, status := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		printStatus(w, status, running)
	}
	return nil
}
