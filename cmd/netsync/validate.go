package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"netsync/schema"
	"netsync/worker/git"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

func validateCommand() *cobra.Command {
	var rev, format string
	cmd := &cobra.Command{
		Use:   "validate [DIR]",
		Short: "Check a dataset, committed or not; exit 1 on errors",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(validate.Formats(), format) {
				return usageError("--format: there is no %q; there are %s", format, strings.Join(validate.Formats(), ", "))
			}
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			snap, findings, err := check(cmd.Context(), dir, rev)
			if err != nil {
				return err
			}
			report := validate.Report{Findings: findings, Files: snap.Len(), Source: sourceOf(dir, rev), Colour: colour()}
			if err := report.Write(cmd.OutOrStdout(), format); err != nil {
				return err
			}
			if schema.Summarize(findings, 0).Errors > 0 {
				return errData
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&rev, "rev", "", "check this revision instead of the files as they lie there")
	cmd.Flags().StringVar(&format, "format", "text", "form of the output: "+strings.Join(validate.Formats(), ", "))
	return cmd
}

// colour reports whether stdout takes colour.
func colour() bool { return term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "" }

// sourceOf returns the function that reads a file of the dataset for the
// report to quote. It follows no symbolic link: what lies behind one is not
// the dataset's to show.
func sourceOf(dir, rev string) func(name string) ([]byte, error) {
	if rev != "" {
		return nil
	}
	return func(name string) ([]byte, error) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		info, err := os.Lstat(path)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() || info.Size() > snapshot.MaxSize {
			return nil, fmt.Errorf("%s is no file to quote", name)
		}
		return os.ReadFile(path)
	}
}

// check reads and checks the dataset in a folder, or in a revision of the
// repository that the folder belongs to.
func check(ctx context.Context, dir, rev string) (*snapshot.Snapshot, []schema.Finding, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, nil, usageError("read dataset: %w", err)
	}
	if !info.IsDir() {
		return nil, nil, usageError("%s is a file; name the dataset's folder", dir)
	}
	options := snapshot.Options{Check: validate.Document, Now: time.Now()}
	var checker validate.Checker
	if rev == "" {
		snap, delta, err := snapshot.ReadFolder(ctx, os.DirFS(dir), options)
		if err != nil {
			return nil, nil, err
		}
		return snap, checker.Check(snap, delta), nil
	}
	repo, err := git.OpenRepository(ctx, dir)
	if err != nil {
		return nil, nil, usageError("%w", err)
	}
	defer repo.Close()
	snap, delta, err := readRevision(ctx, repo, rev, options)
	if err != nil {
		return nil, nil, err
	}
	return snap, checker.Check(snap, delta), nil
}

func readRevision(ctx context.Context, repo *git.Repository, rev string, o snapshot.Options) (*snapshot.Snapshot, *snapshot.Delta, error) {
	commit, err := repo.Resolve(ctx, rev)
	if err != nil {
		return nil, nil, usageError("%w", err)
	}
	snap, delta, err := snapshot.Read(ctx, repo, commit, repo.Prefix(), o)
	if err != nil {
		return nil, nil, fmt.Errorf("read revision %s: %w", rev, err)
	}
	return snap, delta, nil
}
