package audience

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/shared"
)

func subscribersCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "subscribers",
		Short: "List, import, export or remove those who get the digest by name",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return cli.UsageError("say subscribers list, import, export, remove, bounce or renew-secret")
		},
	}
	cmd.AddCommand(subscribersListCommand(), subscribersImportCommand(), subscribersExportCommand(), subscribersRemoveCommand(), subscribersBounceCommand(),
		subscribersRenewSecretCommand())
	return cmd
}

// useNewsletter makes a command one that works on the newsletter: do is called with
// it. A change by one process is at once in effect in another: none has to be asked.
func useNewsletter(cmd *cobra.Command, do func(ctx context.Context, n *newsletter.Newsletter, args []string) error) {
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, args []string) error {
		letter, err := s.OpenNewsletter()
		if err != nil {
			return err
		}
		return explainUnpublished(do(ctx, letter, args))
	})
}

// explainUnpublished makes an error say to run netsync sync if its cause is that
// nothing was published yet.
func explainUnpublished(err error) error {
	if _, decided := errors.AsType[*cli.Error](err); !decided && errors.Is(err, fs.ErrNotExist) {
		return &cli.Error{Code: cli.ExitData, Err: fmt.Errorf("%w; run netsync sync", err)}
	}
	return err
}

// sortedSubscribers returns the subscribers, sorted by address.
func sortedSubscribers(ctx context.Context, n *newsletter.Newsletter) ([]subscribers.Subscriber, error) {
	l, err := n.Subscribers(ctx)
	if err != nil {
		return nil, err
	}
	var all []subscribers.Subscriber
	for s, err := range l.All(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b subscribers.Subscriber) int {
		return strings.Compare(strings.ToLower(a.Address), strings.ToLower(b.Address))
	})
	return all, nil
}

func subscribersListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the subscribers, how they want the digest, and since when",
		Args:  cobra.NoArgs,
	}
	useNewsletter(cmd, func(ctx context.Context, n *newsletter.Newsletter, _ []string) error {
		all, err := sortedSubscribers(ctx, n)
		if err != nil {
			return err
		}
		return printSubscribers(cmd.OutOrStdout(), all, asJSON)
	})
	cli.AddJSONFlag(cmd, &asJSON)
	return cmd
}

// A subscriberLine is a subscriber in the output of subscribers list.
type subscriberLine struct {
	Address   string                `json:"address"`
	Language  string                `json:"language"`
	Frequency subscribers.Frequency `json:"frequency"`
	Topics    []string              `json:"topics"`
	Origin    string                `json:"origin"`
	Confirmed time.Time             `json:"confirmed"`
	Bounces   int                   `json:"bounces"`
	Suspended time.Time             `json:"suspended,omitzero"`
}

func printSubscribers(w io.Writer, all []subscribers.Subscriber, asJSON bool) error {
	if asJSON {
		lines := make([]subscriberLine, 0, len(all))
		for _, s := range all {
			topics := append([]string{}, s.Topics...)
			lines = append(lines, subscriberLine{s.Address, s.Language, s.Frequency, topics, s.Origin, s.Confirmed, s.Bounces, s.Suspended})
		}
		return cli.PrintJSON(w, lines)
	}
	if len(all) == 0 {
		fmt.Fprintln(w, "Nobody subscribes yet.")
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, s := range all {
		topics := "all topics"
		if len(s.Topics) > 0 {
			topics = strings.Join(s.Topics, ", ")
		}
		state := "since " + s.Confirmed.UTC().Format(time.DateOnly)
		if !s.Suspended.IsZero() {
			state = "suspended since " + s.Suspended.UTC().Format(time.DateOnly)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.Address, s.Frequency, s.Language, topics, state)
	}
	return table.Flush()
}

func subscribersRemoveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove ADDRESS...",
		Short: "Remove subscribers, and erase their addresses; exit 1 where one is not on the list",
		Args:  cobra.MinimumNArgs(1),
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, args []string) error {
		letter, err := s.OpenNewsletter()
		if err != nil {
			return err
		}
		dataset, err := removeSubscribers(ctx, letter, args, cmd.OutOrStdout())
		return explainUnpublished(errors.Join(err, process.KeepErased(ctx, s, dataset)))
	})
	return cmd
}

// removeSubscribers removes subscribers and returns the dataset of their list.
func removeSubscribers(ctx context.Context, n *newsletter.Newsletter, addresses []string, out io.Writer) (dataset string, err error) {
	l, err := n.Subscribers(ctx)
	if err != nil {
		return "", err
	}
	var unknown []string
	done := 0
	for _, address := range addresses {
		removed, err := l.Remove(ctx, l.ID(strings.TrimSpace(address)), time.Now())
		if err != nil {
			return l.Dataset(), err
		}
		if removed {
			done++
		} else {
			unknown = append(unknown, address)
		}
	}
	fmt.Fprintf(out, "Removed %s.\n", shared.Plural(done, "subscriber"))
	if len(unknown) > 0 {
		return l.Dataset(), &cli.Error{Code: cli.ExitData, Err: fmt.Errorf("not on the list: %s", strings.Join(unknown, ", "))}
	}
	return l.Dataset(), nil
}
