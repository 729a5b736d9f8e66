package audience

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/shared"
)

func subscribersBounceCommand() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "bounce [FILE]",
		Short: "Count what a mail server reports that it could not deliver; three within 90 days suspend",
		Long: `Reads a delivery report, as mail servers send them to the sender of a message
(RFC 3464), from a file or from standard input: an alias such as

  networks-bounces: "|netsync subscribers bounce -c /etc/netsync/netsync.yaml"

does that with each. With --json it reads {"address": "…", "status": "5.1.1"}, or
an array of such. Other messages are passed over.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			failures, err := readFailures(cmd.InOrStdin(), args, asJSON)
			if errors.Is(err, subscribers.ErrNoReport) { // an answer of somebody who is on holiday
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "That is no report of mail that could not be delivered.")
				return err
			}
			if err != nil {
				return &cli.Error{Code: cli.ExitData, Err: err}
			}
			return process.WithSession(cmd.Context(), path, func(ctx context.Context, s *process.Session) error {
				letter, err := s.OpenNewsletter()
				if err != nil {
					return err
				}
				b, err := letter.Bounced(ctx, failures)
				if err == nil {
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "Counted with %s, of whom %d suspended; %d passed over.\n", shared.Plural(b.Counted, "subscriber"), b.Suspended, b.Passed)
				}
				return explainUnpublished(err)
			})
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "read JSON")
	return cmd
}

func readFailures(in io.Reader, args []string, asJSON bool) ([]subscribers.Failure, error) {
	if len(args) > 0 && args[0] != "-" {
		file, err := os.Open(args[0])
		if err != nil {
			return nil, fmt.Errorf("read the report: %w", err)
		}
		defer file.Close() // it was only read
		in = file
	}
	if asJSON {
		return subscribers.ParseFailures(in)
	}
	return subscribers.ParseReport(in)
}
