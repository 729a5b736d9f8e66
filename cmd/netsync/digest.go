package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"netsync/publishers/newsletter"
)

func digestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "digest",
		Short: "List, preview or send the newsletter digest",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usageError("say digest list, digest preview or digest send")
		},
	}
	cmd.AddCommand(digestListCommand(), digestPreviewCommand(), digestSendCommand())
	return cmd
}

// withSession runs a command on the broker of a configuration.
func withSession(cmd *cobra.Command, path string, do func(ctx context.Context, s *session) error) error {
	cfg, err := loadConfig(path)
	if err != nil {
		return err
	}
	s, err := openSession(cmd.Context(), cfg, commandLog(cfg))
	if err != nil {
		return err
	}
	return errors.Join(do(cmd.Context(), s), s.Close())
}

func digestListCommand() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the digests that were begun or sent, oldest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSession(cmd, path, func(ctx context.Context, s *session) error {
				letter, err := s.newsletter(s.dir(roleNewsletter))
				if err != nil {
					return err
				}
				sent, err := letter.List(ctx)
				if err != nil {
					return err
				}
				return printDigests(cmd.OutOrStdout(), sent, asJSON)
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printDigests(w io.Writer, sent []newsletter.Sent, asJSON bool) error {
	if asJSON {
		if sent == nil {
			sent = []newsletter.Sent{}
		}
		return printJSON(w, sent)
	}
	if len(sent) == 0 {
		fmt.Fprintln(w, "No digest was sent yet.")
	}
	for _, d := range sent {
		state := "sending"
		if !d.Completed.IsZero() {
			state = "sent " + d.Completed.UTC().Format(time.DateTime)
		}
		fmt.Fprintf(w, "%s  %-24s %s, to %s\n", d.ID, state, d.Subject, plural(d.Recipients, "recipient"))
	}
	return nil
}

// printJSON prints a value as indented JSON.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func digestPreviewCommand() *cobra.Command {
	var path, format string
	cmd := &cobra.Command{
		Use:   "preview",
		Short: "Print the draft of the next digest",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			files := map[string]string{"text": "next.txt", "html": "next.html", "json": "next.json"}
			name, ok := files[format]
			if !ok {
				return usageError("--format: there is no %q; there are text, html and json", format)
			}
			cfg, err := loadConfig(path)
			if err != nil {
				return err
			}
			draft, err := os.ReadFile(filepath.Join(cfg.DataDir, roleNewsletter, "current", name))
			if errors.Is(err, os.ErrNotExist) {
				return &exitError{exitData, errors.New("there is no draft yet: nothing was published; run netsync sync")}
			}
			if err != nil {
				return fmt.Errorf("read the draft: %w", err)
			}
			_, err = cmd.OutOrStdout().Write(draft)
			return err
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&format, "format", "text", "form of the output: text, html, json")
	return cmd
}

func digestSendCommand() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "send",
		Short: "Send the digest now; nothing where it is empty",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSession(cmd, path, func(ctx context.Context, s *session) error {
				report, err := s.sendDigest(ctx)
				if err != nil {
					return err
				}
				return printReport(cmd.OutOrStdout(), report, asJSON)
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printReport(w io.Writer, r newsletter.Report, asJSON bool) error {
	if asJSON {
		return printJSON(w, r)
	}
	if r.Empty {
		fmt.Fprintln(w, "Nothing changed since the last digest: nothing is sent.")
		return nil
	}
	fmt.Fprintf(w, "Sent %q to %s", r.Subject, plural(r.Sent, "recipient"))
	for _, other := range []struct {
		n    int
		what string
	}{{r.Already, "had it already"}, {r.Refused, "refused it"}, {r.Uncertain, "may have it: the answer was lost"}} {
		if other.n > 0 {
			fmt.Fprintf(w, "; %d %s", other.n, other.what)
		}
	}
	fmt.Fprintln(w, ".")
	return nil
}

// sendDigest has the running process send the digest or, where none runs,
// sends it here.
func (s *session) sendDigest(ctx context.Context) (newsletter.Report, error) {
	var report newsletter.Report
	err := s.ask(ctx, actionDigest, nil, &report)
	if !errors.Is(err, errNobody) {
		return report, err
	}
	n, err := newNode(s, []string{roleNewsletter})
	if err != nil {
		return report, err
	}
	return n.sendNow(ctx, n.letter())
}

// sendNow sends the digest and brings the draft up to date.
func (n *node) sendNow(ctx context.Context, letter *newsletter.Newsletter) (newsletter.Report, error) {
	report, err := letter.Send(ctx)
	n.refresh(ctx, n.runners[roleNewsletter])
	var setup *newsletter.SetupError
	if errors.As(err, &setup) {
		return report, &exitError{exitUsage, err}
	}
	n.digests.note(report, err)
	return report, err
}

// sendDue sends the digest that is due now. It names the time of the schedule,
// which the moment of the call is not: the machine may have slept.
func (n *node) sendDue(ctx context.Context, letter *newsletter.Newsletter) {
	due, ok := letter.Due(n.cfg.Newsletter.Schedule)
	if !ok {
		n.log.Info("digest skipped: its grace period is over")
		return
	}
	report, err := letter.RunDue(ctx, due)
	n.digestDone(ctx, report, err)
}

// digestDone brings the draft up to date after a digest, and notes it.
func (n *node) digestDone(ctx context.Context, report newsletter.Report, err error) {
	n.refresh(ctx, n.runners[roleNewsletter])
	n.digests.note(report, err)
	if err != nil {
		n.log.Error("digest not sent", zap.Error(err))
		return
	}
	if report.Skipped != "" {
		return
	}
	n.log.Info("digest", zap.Bool("empty", report.Empty), zap.Int("sent", report.Sent), zap.Int("refused", report.Refused), zap.Int("uncertain", report.Uncertain))
}
