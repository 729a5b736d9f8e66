package maintain

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/preview"
	"netsync/schema/shared"
	"netsync/worker/validate"
)

type previewOptions struct{ dir, theme, listen string }

func previewCommand() *cobra.Command {
	var o previewOptions
	cmd := &cobra.Command{
		Use:   "preview [DIR]",
		Short: "Show the website of a dataset as its files lie there, and again when they change",
		Long: `preview serves the website of the dataset in DIR (by default, here) as its files
lie there, committed or not. A browser that shows a page loads it again when a
file changes. What is wrong stands at the foot of the page and on the terminal.

A record with errors is shown as it was committed last, as it would be when
published. The page of changes shows what differs from the last commit.`,
		Example: "  netsync preview\n  netsync preview networks-dataset --theme our-theme",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = "."
			if len(args) > 0 {
				o.dir = args[0]
			}
			return runPreview(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&o.theme, "theme", "", "folder of a theme")
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8081", "address of the website")
	return cmd
}

func runPreview(ctx context.Context, o previewOptions, out io.Writer) error {
	if _, err := openDataset(ctx, o.dir, ""); err != nil {
		return err
	}
	if o.theme != "" {
		if info, err := os.Stat(o.theme); err != nil || !info.IsDir() {
			return cli.UsageError("--theme: there is no folder %s; netsync theme new makes one", o.theme)
		}
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listen for HTTP: %w; choose another address with --listen", err)
	}
	defer listener.Close()
	fmt.Fprintf(out, "Preview of %s at http://%s/ until Ctrl-C\n", o.dir, listener.Addr())
	report := previewReport{out, o.dir, "http://" + listener.Addr().String()}
	return preview.New(preview.Config{Dir: o.dir, Theme: o.theme, Listener: listener, Report: report.write}).Run(ctx)
}

// A previewReport tells what came of each look at the files.
type previewReport struct {
	out          io.Writer
	dir, address string
}

func (r previewReport) write(o preview.Outcome) {
	fmt.Fprintf(r.out, "\n%s  %s\n", time.Now().Format(time.TimeOnly), describeOccasion(o))
	if o.Err != nil {
		fmt.Fprintf(r.out, "It cannot be shown: %v\n", o.Err)
		return
	}
	printMistakes(r.out, o.Theme)
	report := validate.Report{Files: o.Files, Colour: hasColour(), Source: readIn(r.dir)}
	elsewhere := 0
	for _, f := range o.Findings {
		if o.First || slices.Contains(o.Changed, f.File) {
			report.Findings = append(report.Findings, f)
		} else {
			elsewhere++
		}
	}
	if elsewhere == 0 || len(report.Findings) > 0 {
		_ = report.Write(r.out, "text") // to a terminal that may have gone
	}
	if elsewhere > 0 {
		fmt.Fprintf(r.out, "%s in other files: %s/_preview/\n", shared.Plural(elsewhere, "finding"), r.address)
	}
}

// describeOccasion returns why the files were checked.
func describeOccasion(o preview.Outcome) string {
	switch n := len(o.Changed); {
	case o.First:
		return "looked at everything"
	case n == 0:
		return "looked again"
	case n == 1:
		return o.Changed[0] + " changed"
	default:
		return fmt.Sprintf("%s and %s changed", o.Changed[0], shared.Plural(n-1, "other file"))
	}
}
