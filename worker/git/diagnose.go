package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"netsync/schema/shared/gitcommand"
)

// A ReadError reports why a repository on this machine cannot be read, and what to do.
type ReadError struct {
	Problem, Remedy string
	Err             error // git's own
}

func (e *ReadError) Error() string { return e.Problem + "; " + e.Remedy }

func (e *ReadError) Unwrap() error { return e.Err }

// findCause looks for the cause of an error of git in a repository on this machine. It
// returns a *ReadError, or the error itself if it finds none.
func (m *Mirror) findCause(ctx context.Context, err error) error {
	path, ok := localPath(m.config.Repository)
	if !ok || ctx.Err() != nil {
		return err
	}
	problem, remedy := diagnosePath(path)
	if problem == "" {
		problem, remedy = diagnoseRepository(ctx, path)
	}
	if problem == "" {
		return err
	}
	return &ReadError{problem, remedy, err}
}

// diagnosePath returns why a path is not a readable folder; "" if it is one.
func diagnosePath(path string) (problem, remedy string) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such folder", "set dataset.repository to the folder or the address of the dataset's Git repository"
	case errors.Is(err, fs.ErrPermission):
		return "the folder may not be read by the user of this process", "let the user read it"
	case err != nil:
		return "", ""
	case !info.IsDir():
		return "it is a file", "set dataset.repository to the folder or the address of the dataset's Git repository"
	}
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "the folder may not be read by the user of this process", "let the user read it"
	case err == nil && len(entries) == 0:
		return "the folder is empty", "make the dataset's repository there with netsync init or git clone"
	}
	return "", ""
}

// diagnoseRepository returns why git cannot read a folder as a repository; "" if no cause is
// known.
func diagnoseRepository(ctx context.Context, path string) (problem, remedy string) {
	out, err := runGit(ctx, "", "-C", path, "rev-parse", "--path-format=absolute", "--show-toplevel", "--show-prefix", "--git-path", "objects")
	lines := strings.Split(string(out), "\n")
	if err != nil || len(lines) < 3 { // a bare repository has no top level
		out, err = runGit(ctx, path, "rev-parse", "--path-format=absolute", "--git-path", "objects")
		lines = []string{"", "", strings.TrimSpace(string(out))}
	}
	if failed := (*gitcommand.Error)(nil); errors.As(err, &failed) {
		return "the folder is not a Git repository", "run git init in it and commit the dataset, or set dataset.repository to its repository"
	}
	top, prefix, objects := lines[0], strings.TrimSuffix(lines[1], "/"), lines[2]
	if err != nil {
		return "", ""
	}
	if prefix != "" && !isThere(filepath.Join(path, ".git")) {
		return fmt.Sprintf("it is a folder within the repository %s", top),
			fmt.Sprintf("set dataset.repository to that and dataset.path to %s", prefix)
	}
	if lender := missingLender(objects); lender != "" {
		return fmt.Sprintf("it was cloned with --shared or --reference and borrows objects from %s, which is not there", lender),
			"put that back and run git repack -a -d in the repository, or clone it again without these options"
	}
	if isPartial(objects) {
		return "it is a partial clone, which lacks the contents of files", "clone it without --filter, or set dataset.repository to the repository that it was cloned from"
	}
	return "", ""
}

// missingLender returns a folder that a repository borrows objects from and that
// does not exist; "" if there is none.
func missingLender(objects string) string {
	f, err := os.Open(filepath.Join(objects, "info", "alternates"))
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		lender := lines.Text()
		if lender == "" || strings.HasPrefix(lender, "#") {
			continue
		}
		if !filepath.IsAbs(lender) {
			lender = filepath.Join(objects, lender)
		}
		if !isThere(lender) {
			return lender
		}
	}
	return ""
}
