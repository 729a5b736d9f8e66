package audience

import (
	"context"
	"fmt"
	"net/mail"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
)

func idOf(args []string) process.DigestID {
	if len(args) == 0 {
		return process.DigestID{}
	}
	return process.DigestID{ID: args[0]}
}

func digestApproveCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "approve [ID]",
		Short: "Approve the digest that waits for it, and send it",
		Args:  cobra.MaximumNArgs(1),
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, args []string) error {
		report, err := s.ApproveDigest(ctx, idOf(args))
		if err != nil {
			return err
		}
		return printReport(cmd.OutOrStdout(), report, asJSON)
	})
	cli.AddJSONFlag(cmd, &asJSON)
	return cmd
}

func digestCancelCommand() *cobra.Command {
	var wentOut bool
	cmd := &cobra.Command{
		Use:   "cancel [ID]",
		Short: "Take back the digest that waits for approval; its changes go into the next",
		Args:  cobra.MaximumNArgs(1),
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, args []string) error {
		id := idOf(args)
		id.MarkAsSent = wentOut
		sent, err := s.CancelDigest(ctx, id)
		if err == nil && wentOut {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%q is recorded as sent; its changes do not go into another digest.\n", sent.Subject)
		} else if err == nil {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%q is not sent: its changes go into the next digest.\n", sent.Subject)
		}
		return err
	})
	cmd.Flags().BoolVar(&wentOut, "went-out", false, "record that it was sent in the time that a restore lost; its changes do not go into another digest")
	return cmd
}

func digestTestCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "test ADDRESS",
		Short: "Send the draft to one address, marked as a test",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := mail.ParseAddress(args[0]); err != nil {
				return cli.UsageError("%q is not a mail address", args[0])
			}
			return process.WithSession(cmd.Context(), path, func(ctx context.Context, s *process.Session) error {
				err := s.TestDigest(ctx, args[0])
				if err == nil {
					_, err = fmt.Fprintln(cmd.OutOrStdout(), "Sent a test of the draft.")
				}
				return err
			})
		},
	}
	cli.AddConfigFlag(cmd, &path)
	return cmd
}

// previewHeld prints the digest that waits for approval.
func previewHeld(cmd *cobra.Command, path, id, format string) error {
	return process.WithSession(cmd.Context(), path, func(ctx context.Context, s *process.Session) error {
		letter, err := s.OpenNewsletter()
		if err != nil {
			return err
		}
		data, err := letter.Held(ctx, id, format)
		if err == nil {
			_, err = cmd.OutOrStdout().Write(data)
		}
		return process.LetterError(err)
	})
}
