package audience

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/shared"
)

// standardStream is the name of a file that stands for standard input or output.
const standardStream = "-"

type importOptions struct{ dryRun, again, asJSON bool }

func subscribersImportCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Add the subscribers in a CSV file, all or none; exit 1 where a row is wrong",
		Long: `Add the subscribers in a CSV file, without a mail to confirm it: whoever imports
vouches that they agreed. The first line names the columns: address, and perhaps
language, frequency (weekly or monthly) and topics (with semicolons between). Who
is on the list gets the preferences in the file; who has left stays off it. Where
a row is wrong, nobody is added.`,
		Args: cobra.ExactArgs(1),
	}
	useNewsletter(cmd, func(ctx context.Context, n *newsletter.Newsletter, args []string) error {
		return importSubscribers(ctx, n, args[0], o, cmd.InOrStdin(), cmd.OutOrStdout())
	})
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would change, and change nothing")
	cmd.Flags().BoolVar(&o.again, "again", false, "add those who have left, too")
	cli.AddJSONFlag(cmd, &o.asJSON)
	return cmd
}

func importSubscribers(ctx context.Context, n *newsletter.Newsletter, name string, o importOptions, in io.Reader, out io.Writer) error {
	if name != standardStream {
		f, err := os.Open(name)
		if err != nil {
			return cli.UsageError("read the subscribers: %w", err)
		}
		defer f.Close()
		in = f
	}
	offer, err := n.Offer(ctx)
	if err != nil {
		return err
	}
	all, err := subscribers.ReadCSV(in, offer.Offer)
	if _, wrong := errors.AsType[*subscribers.RowError](err); wrong {
		return &cli.Error{Code: cli.ExitData, Err: fmt.Errorf("nobody was imported; mend the file and import it again:\n%w", err)}
	}
	if err != nil {
		return err
	}
	do, verb := n.Import, "Added"
	if o.dryRun {
		do, verb = n.WouldImport, "Would add"
	}
	done, err := do(ctx, all, o.again)
	if err != nil {
		return err
	}
	if o.asJSON {
		return cli.PrintJSON(out, done)
	}
	fmt.Fprintf(out, "%s %s; %d with other preferences, %d the same", verb, shared.Plural(done.Added, "subscriber"), done.Changed, done.Same)
	if done.Left > 0 {
		fmt.Fprintf(out, "; %d who had left stay off the list (--again adds them)", done.Left)
	}
	fmt.Fprintln(out, ".")
	return nil
}

func subscribersExportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write the subscribers as CSV, to standard output or to a file that only you can read",
		Args:  cobra.MaximumNArgs(1),
	}
	useNewsletter(cmd, func(ctx context.Context, n *newsletter.Newsletter, args []string) error {
		all, err := sortedSubscribers(ctx, n)
		if err != nil {
			return err
		}
		if len(args) == 0 || args[0] == standardStream {
			return writeSubscribers(cmd.OutOrStdout(), all)
		}
		return exportTo(args[0], all)
	})
	return cmd
}

func writeSubscribers(w io.Writer, all []subscribers.Subscriber) error {
	out, err := subscribers.NewWriter(w)
	if err != nil {
		return fmt.Errorf("write the subscribers: %w", err)
	}
	for _, s := range all {
		if err := out.Write(s); err != nil {
			return fmt.Errorf("write the subscribers: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the subscribers: %w", err)
	}
	return nil
}

// exportTo writes beside the file and moves it there, so that it is whole and only its
// owner can read it, whatever was there before.
func exportTo(name string, all []subscribers.Subscriber) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".subscribers-*") // with mode 0600
	if err != nil {
		return cli.UsageError("write the subscribers: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := writeSubscribers(f, all); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the subscribers: %w", err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("write the subscribers: %w", err)
	}
	return nil
}
