package audience

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/publishers/newsletter"
	"netsync/schema/shared"
)

func digestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "digest",
		Short: "List, preview, annotate, approve, test or send the newsletter digest",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return cli.UsageError("say digest list, preview, note, approve, cancel, test or send")
		},
	}
	cmd.AddCommand(digestListCommand(), digestPreviewCommand(), digestNoteCommand(), digestApproveCommand(), digestCancelCommand(), digestTestCommand(), digestSendCommand())
	return cmd
}

func digestListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the digests that were begun or sent, oldest first",
		Args:  cobra.NoArgs,
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, _ []string) error {
		letter, err := s.OpenNewsletter()
		if err != nil {
			return err
		}
		sent, err := letter.List(ctx)
		if err != nil {
			return err
		}
		return printDigests(cmd.OutOrStdout(), sent, asJSON)
	})
	cli.AddJSONFlag(cmd, &asJSON)
	return cmd
}

func printDigests(w io.Writer, sent []newsletter.Sent, asJSON bool) error {
	if asJSON {
		if sent == nil {
			sent = []newsletter.Sent{}
		}
		return cli.PrintJSON(w, sent)
	}
	if len(sent) == 0 {
		fmt.Fprintln(w, "No digest was sent yet.")
	}
	for _, d := range sent {
		state := "sending"
		switch {
		case !d.Completed.IsZero():
			state = "sent " + d.Completed.UTC().Format(time.DateTime)
		case d.Waits():
			state = "waits for approval"
		}
		who := "recipient"
		if d.Monthly {
			who = "monthly recipient"
		}
		if d.Campaign != 0 {
			fmt.Fprintf(w, "%s  %-24s %s, by listmonk as campaign %d\n", d.ID, state, d.Subject, d.Campaign)
			continue
		}
		fmt.Fprintf(w, "%s  %-24s %s, to %s\n", d.ID, state, d.Subject, shared.Plural(d.Recipients, who))
	}
	return nil
}

func digestPreviewCommand() *cobra.Command {
	var path, format string
	cmd := &cobra.Command{
		Use:   "preview [ID]",
		Short: "Print the draft of the next digest, or the digest that waits for approval",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			files := map[string]string{"text": "next.txt", "html": "next.html", "json": "next.json"}
			name, ok := files[format]
			if !ok {
				return cli.UsageError("--format: there is no %q; there are text, html and json", format)
			}
			if len(args) > 0 {
				return previewHeld(cmd, path, args[0], format)
			}
			cfg, err := cli.LoadConfig(path)
			if err != nil {
				return err
			}
			draft, err := os.ReadFile(filepath.Join(cfg.DataDir, process.RoleNewsletter, newsletter.DraftsFolder, "current", name))
			if errors.Is(err, os.ErrNotExist) {
				return &cli.Error{Code: cli.ExitData, Err: errors.New("there is no draft yet: nothing was published; run netsync sync")}
			}
			if err != nil {
				return fmt.Errorf("read the draft: %w", err)
			}
			_, err = cmd.OutOrStdout().Write(draft)
			return err
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().StringVar(&format, "format", "text", "form of the output: text, html, json")
	return cmd
}

func digestSendCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "send",
		Short: "Send the digest now, or have it wait for approval; nothing where it is empty",
		Args:  cobra.NoArgs,
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, _ []string) error {
		report, err := s.SendDigest(ctx)
		if err != nil {
			return err
		}
		return printReport(cmd.OutOrStdout(), report, asJSON)
	})
	cli.AddJSONFlag(cmd, &asJSON)
	return cmd
}

func printReport(w io.Writer, r newsletter.Report, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, r)
	}
	if !r.Waiting.IsZero() {
		fmt.Fprintf(w, "%q waits for approval: netsync digest approve %s\n", r.Subject, r.Digest)
		return nil
	}
	if r.Empty {
		fmt.Fprintln(w, "Nothing changed since the last digest: nothing is sent.")
		return nil
	}
	if r.Campaign != 0 {
		fmt.Fprintf(w, "Handed %q over to listmonk: campaign %d, for %s.\n", r.Subject, r.Campaign, shared.Plural(r.Recipients, "subscriber"))
		return nil
	}
	fmt.Fprintf(w, "Sent %q to %s", r.Subject, shared.Plural(r.Sent, "recipient"))
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
