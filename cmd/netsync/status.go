package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/ops"
	"netsync/publishers"
	"netsync/worker"
	"netsync/worker/validate"
)

func statusCommand() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Print what each part last did, its lag, next runs and findings",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(path)
			if err != nil {
				return err
			}
			s, err := openSession(cmd.Context(), cfg, commandLog(cfg))
			if err != nil {
				return err
			}
			all, running, err := s.statuses(cmd.Context())
			if err = errors.Join(err, s.Close()); err != nil {
				return err
			}
			return printStatuses(cmd.OutOrStdout(), all, running, asJSON)
		},
	}
	configFlag(cmd, &path)
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

// statusAtRest reads what the stream and the channels' folders say.
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
	for i, c := range status.Channels {
		p, err := n.runners[c.Channel].Channel.Position(ctx)
		if err != nil {
			return ops.Status{}, err
		}
		status.Channels[i] = ops.Channel{Status: publishers.Status{Channel: c.Channel, Position: p}, Lag: status.Stream.Lag(p)}
	}
	return status, nil
}

func printStatuses(w io.Writer, all []ops.Status, running, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			Running   bool         `json:"running"`
			Processes []ops.Status `json:"processes"`
		}{running, all})
	}
	for _, status := range all {
		printStatus(w, status, running)
	}
	return nil
}

func printStatus(w io.Writer, s ops.Status, running bool) {
	if running {
		fmt.Fprintf(w, "process     %d, netsync %s, up %s\n", s.Process.PID, s.Process.Version, ago(s.Process.Started))
	} else {
		fmt.Fprintln(w, "process     none is running")
	}
	fmt.Fprintf(w, "stream      %d messages", s.Stream.Last)
	if s.Stream.Changeset.Changeset != "" {
		fmt.Fprintf(w, ", last changeset %s", s.Stream.Changeset.Changeset)
	}
	fmt.Fprintln(w)
	printIf(w, s.Stream.Error)
	if s.Worker != nil {
		fmt.Fprintf(w, "worker      checked %s ago at %s%s\n", ago(s.Worker.Checked), short(s.Worker.Commit), heldMark(s.Worker))
		printIf(w, s.Worker.Error)
		if s.Standby != "" {
			fmt.Fprintf(w, "            standby: %s\n", s.Standby)
		}
	}
	for _, c := range s.Channels {
		fmt.Fprintf(w, "%-12s%s\n", c.Channel, channelLine(c))
	}
	if s.GitHub != nil && s.GitHub.Reporter != nil {
		fmt.Fprintf(w, "github      %s to be made\n", plural(s.GitHub.Reporter.Waiting, "report"))
		printIf(w, s.GitHub.Reporter.Error)
	}
	for _, due := range s.Next {
		fmt.Fprintf(w, "next        %s at %s\n", due.Job, due.Next.Local().Format("Mon 2 Jan 15:04:05"))
	}
	for _, f := range s.Findings() {
		fmt.Fprintln(w, validate.Line(f.Finding))
		fmt.Fprintf(w, "            first seen %s ago, at commit %s\n", ago(f.FirstSeen), short(f.FirstCommit))
	}
}

func printIf(w io.Writer, problem string) {
	if problem != "" {
		fmt.Fprintf(w, "            failing: %s\n", problem)
	}
}

func heldMark(w *worker.Status) string {
	switch {
	case w.Held:
		return ", held back because of errors"
	case len(w.Quarantined) > 0:
		return ", " + plural(len(w.Quarantined), "record") + " held at the last good version"
	}
	return ""
}

func channelLine(c ops.Channel) string {
	switch {
	case c.Error != "":
		return fmt.Sprintf("failing for %s: %s", ago(c.Failing), c.Error)
	case c.Position.Sequence == 0:
		return "shows nothing yet"
	case c.Lag > 0:
		return fmt.Sprintf("%d messages behind, at %s", c.Lag, c.Position.Changeset)
	}
	return "current"
}

// ago says how long it is since t.
func ago(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return time.Since(t).Round(time.Second).String()
}
