package maintain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/schema"
	"netsync/worker/format"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
	"netsync/worker/yaml"
)

func fmtCommand() *cobra.Command {
	var f formatter
	cmd := &cobra.Command{
		Use:   "fmt [FILES]",
		Short: "Write files of a dataset in canonical form, comments kept",
		Long: `fmt writes records and manifests in canonical form: keys in the order of the
schema, two blanks for each level. Comments stay, and what a file says does not
change. Without FILES it does so for the dataset in the current folder; of a
folder, for those below it. It prints the names of the files that it changed.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.out, f.problems = cmd.OutOrStdout(), cmd.ErrOrStderr()
			if len(args) == 1 && args[0] == "-" {
				return f.formatStdin(cmd.InOrStdin())
			}
			if f.as != "" {
				return cli.UsageError("--as names what is read from stdin; write - as the only file")
			}
			if len(args) == 0 {
				args = []string{"."}
			}
			return f.formatAll(cmd.Context(), args)
		},
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "write nothing; print the files that are not in canonical form, and exit 1 if there are any")
	cmd.Flags().StringVar(&f.as, "as", "", "for -, which reads stdin and writes stdout: the file that it stands for, such as networks/leru.yaml")
	return cmd
}

// A formatter formats files of datasets.
type formatter struct {
	check         bool
	as            string
	out, problems io.Writer
	failed        bool
}

// formatAll formats files, and those in folders.
func (f *formatter) formatAll(ctx context.Context, args []string) error {
	files, err := datasetFiles(ctx, args)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := f.formatFile(file); err != nil {
			return err
		}
	}
	return f.resultError()
}

func (f *formatter) resultError() error {
	if f.failed {
		return cli.ErrData
	}
	return nil
}

// formatFile formats one file. It prints why a file cannot be formatted, and returns
// nil then.
func (f *formatter) formatFile(file datasetFile) error {
	info, err := os.Lstat(file.path)
	if err != nil {
		return cli.UsageError("format: %w", err)
	}
	if !info.Mode().IsRegular() {
		f.printRefusal(file, &format.UnreadableError{Problems: []yaml.Problem{{
			Kind: yaml.NotAFile, Range: yaml.Start, Message: "no regular file stands here",
		}}})
		return nil
	}
	data, err := os.ReadFile(file.path)
	if err != nil {
		return fmt.Errorf("format: %w", err)
	}
	formatted, err := format.Source(file.name, data)
	if err != nil {
		f.printRefusal(file, err)
		return nil
	}
	if string(formatted) == string(data) {
		return nil
	}
	fmt.Fprintln(f.out, file.path)
	if f.check {
		f.failed = true
		return nil
	}
	return replaceFile(file.path, formatted, info.Mode().Perm())
}

// formatStdin formats its input to stdout, for editors.
func (f *formatter) formatStdin(in io.Reader) error {
	id, ok := snapshot.Classify(filepath.ToSlash(f.as))
	if !ok {
		return cli.UsageError("--as says which file of the dataset stdin stands for, such as networks/leru.yaml; %q is none", f.as)
	}
	data, err := io.ReadAll(io.LimitReader(in, yaml.MaxSize+1))
	if err != nil {
		return fmt.Errorf("format stdin: %w", err)
	}
	file := datasetFile{path: f.as, name: filepath.ToSlash(f.as), id: id}
	formatted, err := format.Source(file.name, data)
	switch {
	case err != nil:
		f.printRefusal(file, err)
	case !f.check:
		_, err = f.out.Write(formatted)
		return err
	case string(formatted) != string(data):
		fmt.Fprintln(f.out, f.as)
		f.failed = true
	}
	return f.resultError()
}

// printRefusal prints why a file was not formatted.
func (f *formatter) printRefusal(file datasetFile, err error) {
	f.failed = true
	var unreadable *format.UnreadableError
	if !errors.As(err, &unreadable) {
		fmt.Fprintf(f.problems, "%s: left as it is: %v\n", file.path, err)
		return
	}
	d := &yaml.Document{Path: file.path, Problems: unreadable.Problems}
	findings := validate.Document(d, file.id, schema.Context{})
	schema.SortFindings(findings)
	for _, finding := range findings {
		fmt.Fprintln(f.problems, validate.Line(finding))
	}
}

// replaceFile puts new content in a file's place in one step.
func replaceFile(path string, data []byte, mode os.FileMode) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = temp.Write(data)
	err = errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(temp.Name())))
	}
	return nil
}
