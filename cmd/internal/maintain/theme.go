package maintain

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/preview"
	"netsync/publishers/website"
	"netsync/schema"
	"netsync/schema/sample"
	"netsync/schema/shared"
)

//go:embed theme
var themeScaffold embed.FS

// referenceFolder is where a theme keeps a copy of the site's own files, to
// look things up.
const referenceFolder = "reference"

func themeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "theme",
		Short: "Make and check a theme of the website",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(themeNewCommand(), themeCheckCommand())
	return cmd
}

func themeNewCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "new DIR",
		Short: "Make a theme that changes nothing yet, with the site's own files to look at",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := args[0]
			if err := scaffoldTheme(dir); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), `Made a theme in %[1]s. Next:

  netsync preview DATASET --theme %[1]s    look at it while you change it
  netsync theme check %[1]s

and set website.theme to it in netsync.yaml.
`, dir)
			return nil
		},
	}
}

func scaffoldTheme(dir string) error {
	if err := checkFree(dir, "make a theme"); err != nil {
		return err
	}
	files, err := fs.Sub(themeScaffold, "theme")
	if err != nil {
		return err
	}
	if err := CopyFiles(files, dir, func(name string) string { return name }); err != nil {
		return fmt.Errorf("make a theme: %w", err)
	}
	for folder, files := range website.ReplaceableFiles() {
		inReference := func(name string) string { return path.Join(referenceFolder, folder, name) }
		if err := CopyFiles(files, dir, inReference); err != nil {
			return fmt.Errorf("make a theme: %w", err)
		}
	}
	return nil
}

func themeCheckCommand() *cobra.Command {
	var dataset string
	cmd := &cobra.Command{
		Use:   "check DIR",
		Short: "Make every page with a theme, and tell its mistakes; exit 1 where it has some",
		Long: `check makes every page of the sample dataset, or of one of your own, with the
theme in DIR, and holds it against what a website must hold before it goes live.
It names file, line and column of each mistake.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return checkTheme(cmd.Context(), cmd.OutOrStdout(), args[0], dataset)
		},
	}
	cmd.Flags().StringVar(&dataset, "dataset", "", "folder of a dataset to make the pages of (by default, the sample)")
	return cmd
}

func checkTheme(ctx context.Context, out io.Writer, dir, dataset string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return cli.UsageError("there is no folder %s; netsync theme new makes one", dir)
	}
	files := sample.FS()
	if dataset != "" {
		if _, err := openDataset(ctx, dataset, ""); err != nil {
			return err
		}
		files = os.DirFS(dataset)
	}
	e, findings, err := preview.ReadEdition(ctx, files, time.Now())
	if err != nil {
		return err
	}
	if e.State == nil {
		return &cli.Error{Code: cli.ExitData, Err: fmt.Errorf("the manifest of %s has %s; see netsync validate %s", dataset, shared.Plural(schema.Summarize(findings, 0).Errors, "error"), dataset)}
	}
	pages, err := website.CheckTheme(dir, e)
	mistakes := website.FindThemeErrors(err)
	if err != nil && mistakes == nil {
		return err
	}
	if mistakes != nil {
		printMistakes(out, mistakes)
		fmt.Fprintf(out, "%s in %s.\n", shared.Plural(len(mistakes), "mistake"), dir)
		return cli.ErrData
	}
	fmt.Fprintf(out, "%s made, nothing wrong.\n", shared.Plural(pages, "page"))
	return nil
}

// printMistakes prints the mistakes of a theme with their places, as editors
// can follow them.
func printMistakes(out io.Writer, mistakes website.ThemeErrors) {
	for _, m := range mistakes {
		fmt.Fprintf(out, "%s: %v\n", m.Place(), m.Err)
		if m.Remedy != "" {
			fmt.Fprintf(out, "  remedy: %s\n", m.Remedy)
		}
	}
}
