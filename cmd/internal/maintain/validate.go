package maintain

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"netsync/cmd/internal/cli"
	"netsync/schema"
	"netsync/schema/shared"
	"netsync/worker/validate"
)

type validateOptions struct{ dir, rev, since, format string }

func validateCommand() *cobra.Command {
	var o validateOptions
	cmd := &cobra.Command{
		Use:   "validate [DIR]",
		Short: "Check a dataset, committed or not; exit 1 on errors",
		Long: `Check a dataset: the files in DIR (by default, here) as they lie there, or a
revision of the repository that DIR belongs to.

With --changed-since main, only what was changed since the branch left main can
be an error; what was wrong before is told as a warning.

netsync rules explains what is checked.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(validate.Formats(), o.format) {
				return cli.UsageError("--format: there is no %q; there are %s", o.format, strings.Join(validate.Formats(), ", "))
			}
			o.dir = "."
			if len(args) > 0 {
				o.dir = args[0]
			}
			return validateDataset(cmd, o)
		},
	}
	cmd.Flags().StringVar(&o.rev, "rev", "", "check this revision instead of the files as they lie there")
	cmd.Flags().StringVar(&o.since, "changed-since", "", "let only what changed since this revision be an error")
	cmd.Flags().StringVar(&o.format, "format", "text", "form of the output: "+strings.Join(validate.Formats(), ", "))
	return cmd
}

func validateDataset(cmd *cobra.Command, o validateOptions) error {
	d, err := openDataset(cmd.Context(), o.dir, o.rev)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.check(cmd.Context()); err != nil {
		return err
	}
	findings, known := d.findings, 0
	if o.since != "" {
		before, err := findingsSince(cmd.Context(), d, o.since)
		if err != nil {
			return err
		}
		findings, known = validate.Caused(before, findings)
	}
	findings = append(findings, d.changedID(cmd.Context(), o.since)...)
	schema.SortFindings(findings)
	report := validate.Report{Findings: findings, Files: d.snap.Len(), Source: d.fileReader(cmd.Context()), Colour: hasColour()}
	if o.format == "github" || o.format == "sarif" {
		report.Prefix = d.folderPrefix(cmd.Context())
	}
	if err := report.Write(cmd.OutOrStdout(), o.format); err != nil {
		return err
	}
	if known > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "Told as warnings: %s from before %s.\n", shared.Plural(known, "error"), o.since)
	}
	if schema.Summarize(findings, 0).Errors > 0 {
		return cli.ErrData
	}
	return nil
}

// findingsSince returns what was wrong where the dataset's history and that of
// a revision parted.
func findingsSince(ctx context.Context, d *dataset, rev string) ([]schema.Finding, error) {
	base, err := d.partedFrom(ctx, rev)
	if err != nil {
		return nil, err
	}
	before := &dataset{dir: d.dir, repo: d.repo, commit: base, now: d.now}
	if err := before.check(ctx); err != nil {
		return nil, err
	}
	return before.findings, nil
}

// hasColour reports whether stdout shows colours.
func hasColour() bool { return term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "" }
