package maintain

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/schema"
)

//go:embed all:scaffold
var scaffold embed.FS

// schemaFolder is where a dataset keeps a copy of the schema files, for editors.
const schemaFolder = ".netsync/schema"

func initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init DIR",
		Short: "Make a dataset repository: manifest, first record, editor settings, hook, workflow",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := args[0]
			if err := scaffoldDataset(cmd.Context(), dir); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), `Made a dataset in %[1]s. Next:

  netsync validate %[1]s
  git -C %[1]s config core.hooksPath .githooks
  git -C %[1]s add -A
  git -C %[1]s commit -m "Begin the record of our networks"
`, dir)
			return nil
		},
	}
}

func scaffoldDataset(ctx context.Context, dir string) error {
	if err := checkFree(dir, "make a dataset"); err != nil {
		return err
	}
	files, err := fs.Sub(scaffold, "scaffold")
	if err != nil {
		return err
	}
	if err := CopyFiles(files, dir, scaffoldName); err != nil {
		return fmt.Errorf("make a dataset: %w", err)
	}
	inSchema := func(name string) string { return path.Join(schemaFolder, name) }
	if err := CopyFiles(schema.Files(), dir, inSchema); err != nil {
		return fmt.Errorf("make a dataset: %w", err)
	}
	return initRepository(ctx, dir)
}

// checkFree refuses to do something in a folder that has something in it.
func checkFree(dir, doing string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cli.UsageError("%s: %w", doing, err)
	}
	if len(entries) > 0 {
		return cli.UsageError("the folder %s is not empty; name a new one", dir)
	}
	return nil
}

// scaffoldName gives hidden files, which would not be embedded as they are,
// their names.
func scaffoldName(name string) string {
	first, rest, nested := strings.Cut(name, "/")
	if hidden, ok := strings.CutPrefix(first, "dot-"); ok {
		first = "." + hidden
	}
	if !nested {
		return first
	}
	return first + "/" + rest
}

// CopyFiles writes the files of a file system below a folder, under names that
// a function gives them.
func CopyFiles(files fs.FS, dir string, rename func(string) string) error {
	return fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(rename(name)))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if strings.HasPrefix(string(data), "#!") {
			mode = 0o755
		}
		return os.WriteFile(target, data, mode)
	})
}

func initRepository(ctx context.Context, dir string) error {
	return RunGit(ctx, dir, "init", "--quiet", "--initial-branch=main")
}

// RunGit runs git in a working tree of the user's own.
func RunGit(ctx context.Context, dir string, args ...string) error {
	out, err := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("the program git is not installed")
	}
	if err != nil {
		return fmt.Errorf("git %s in %s: %w: %s", args[0], dir, err, strings.TrimSpace(string(out)))
	}
	return nil
}
