package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/mail"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/publishers/newsletter"
)

// A digestID names the digest that somebody has read; "" is whichever waits.
type digestID struct {
	ID string `json:"id"`
	// WentOut says of one that is taken back that it was sent, in the time that a
	// restore has lost.
	WentOut bool `json:"went_out,omitempty"`
}

func idOf(args []string) digestID {
	if len(args) == 0 {
		return digestID{}
	}
	return digestID{ID: args[0]}
}

// cancel takes a digest back, or ends it as one that went out.
func (d digestID) cancel(ctx context.Context, letter *newsletter.Newsletter) (newsletter.Sent, error) {
	if d.WentOut {
		return letter.WentOut(ctx, d.ID)
	}
	return letter.Cancel(ctx, d.ID)
}

func (d digestID) approve(letter *newsletter.Newsletter) sending {
	return func(ctx context.Context) (newsletter.Report, error) { return letter.Approve(ctx, d.ID) }
}

func digestApproveCommand() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "approve [ID]",
		Short: "Approve the digest that waits for it, and send it",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSession(cmd, path, func(ctx context.Context, s *session) error {
				id := idOf(args)
				report, err := s.sendDigest(ctx, actionApprove, id, func(letter *newsletter.Newsletter, ctx context.Context) (newsletter.Report, error) {
					return id.approve(letter)(ctx)
				})
				if err != nil {
					return err
				}
				return printReport(cmd.OutOrStdout(), report, asJSON)
			})
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func digestCancelCommand() *cobra.Command {
	var path string
	var wentOut bool
	cmd := &cobra.Command{
		Use:   "cancel [ID]",
		Short: "Take back the digest that waits for approval; its changes go into the next",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSession(cmd, path, func(ctx context.Context, s *session) error {
				id := idOf(args)
				id.WentOut = wentOut
				sent, err := s.cancelDigest(ctx, id)
				if err == nil && wentOut {
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "%q is noted as sent, and its changes are told no more.\n", sent.Subject)
				} else if err == nil {
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "%q is not sent: its changes go into the next digest.\n", sent.Subject)
				}
				return err
			})
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().BoolVar(&wentOut, "went-out", false, "note that it was sent, in the time that a restore has lost: its changes are told no more")
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
			return withSession(cmd, path, func(ctx context.Context, s *session) error {
				err := s.testDigest(ctx, args[0])
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

// answerLetter adds what a process with the newsletter answers to.
func (n *node) answerLetter(handlers map[string]handler, letter *newsletter.Newsletter) {
	handlers[actionDigest] = func(ctx context.Context, _ []byte) (any, error) { return n.sendNow(ctx, letter.Send) }
	handlers[actionApprove] = func(ctx context.Context, data []byte) (any, error) {
		var id digestID
		if err := json.Unmarshal(data, &id); err != nil {
			return nil, fmt.Errorf("read which digest is approved: %w", err)
		}
		return n.sendNow(ctx, id.approve(letter))
	}
	handlers[actionCancel] = func(ctx context.Context, data []byte) (any, error) {
		var id digestID
		if err := json.Unmarshal(data, &id); err != nil {
			return nil, fmt.Errorf("read which digest is cancelled: %w", err)
		}
		sent, err := id.cancel(ctx, letter)
		if err == nil {
			n.digests.note(newsletter.Report{}, nil) // none waits any more
		}
		return sent, letterError(err)
	}
	handlers[actionNote] = n.answerNote(letter)
	handlers[actionTest] = func(ctx context.Context, data []byte) (any, error) {
		var address string
		if err := json.Unmarshal(data, &address); err != nil {
			return nil, fmt.Errorf("read who gets the test: %w", err)
		}
		return nil, letterError(letter.SendTest(ctx, address))
	}
}

// testDigest has the running process send a test or, where none runs, sends it
// here.
func (s *session) testDigest(ctx context.Context, address string) error {
	var nothing any
	if err := s.ask(ctx, actionTest, address, &nothing); !errors.Is(err, errNobody) {
		return err
	}
	letter, err := s.newsletter(s.dir(roleNewsletter))
	if err != nil {
		return err
	}
	return letterError(letter.SendTest(ctx, address))
}

// previewHeld prints the digest that waits for approval.
func previewHeld(cmd *cobra.Command, path, id, format string) error {
	return withSession(cmd, path, func(ctx context.Context, s *session) error {
		letter, err := s.newsletter(s.dir(roleNewsletter))
		if err != nil {
			return err
		}
		data, err := letter.Held(ctx, id, format)
		if err == nil {
			_, err = cmd.OutOrStdout().Write(data)
		}
		return letterError(err)
	})
}

// cancelDigest has the running process take a digest back or, where none runs,
// does so here.
func (s *session) cancelDigest(ctx context.Context, id digestID) (sent newsletter.Sent, err error) {
	if err = s.ask(ctx, actionCancel, id, &sent); !errors.Is(err, errNobody) {
		return sent, err
	}
	letter, err := s.newsletter(s.dir(roleNewsletter))
	if err != nil {
		return sent, err
	}
	sent, err = id.cancel(ctx, letter)
	return sent, letterError(err)
}

// letterError gives an error of the newsletter the exit code that it means.
func letterError(err error) error {
	var setup *newsletter.SetupError
	var note *newsletter.NoteError
	switch {
	case errors.As(err, &setup), errors.As(err, &note):
		return &cli.Error{Code: cli.ExitUsage, Err: err}
	case errors.Is(err, fs.ErrNotExist):
		return &cli.Error{Code: cli.ExitData, Err: errors.New("there is no draft yet: nothing was published; run netsync sync")}
	case errors.Is(err, newsletter.ErrNothingWaits):
		return &cli.Error{Code: cli.ExitData, Err: err}
	}
	return err
}
