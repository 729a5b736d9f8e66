package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker"
	"netsync/worker/diff"
	"netsync/worker/git"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

func diffCommand() *cobra.Command {
	var dir, format string
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Print the events that going from one revision to another would emit",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usageError("--format: there is no %q; there are text and json", format)
			}
			changes, err := compare(cmd.Context(), dir, args[0], args[1])
			if err != nil {
				return err
			}
			return printChanges(cmd.OutOrStdout(), changes, format)
		},
	}
	cmd.Flags().StringVarP(&dir, "dir", "C", ".", "folder of the dataset")
	cmd.Flags().StringVar(&format, "format", "text", "form of the output: text, json")
	return cmd
}

// compare returns the changes from one revision to another. Revisions with
// errors cannot be compared.
func compare(ctx context.Context, dir, from, to string) ([]*event.Change, error) {
	repo, err := git.OpenRepository(ctx, dir)
	if err != nil {
		return nil, usageError("%w", err)
	}
	defer repo.Close()
	before, err := goodRevision(ctx, repo, from)
	if err != nil {
		return nil, err
	}
	after, err := goodRevision(ctx, repo, to)
	if err != nil {
		return nil, err
	}
	first, err := repo.Resolve(ctx, from)
	if err != nil {
		return nil, err
	}
	last, err := repo.Resolve(ctx, to)
	if err != nil {
		return nil, err
	}
	commits, err := worker.Commits(ctx, repo, first, last, repo.Prefix())
	if err != nil {
		return nil, err
	}
	return diff.Between(diff.Input{
		IDs:     append(before.IDs(), after.IDs()...),
		Before:  before.Get,
		After:   after.Get,
		Removed: func(schema.RecordID) bool { return false },
		Alias:   after.AliasOf,
		Commits: commits,
	})
}

func goodRevision(ctx context.Context, repo *git.Repository, rev string) (*snapshot.Snapshot, error) {
	snap, delta, err := readRevision(ctx, repo, rev, snapshot.Options{Check: validate.Document, Now: time.Now()})
	if err != nil {
		return nil, err
	}
	var checker validate.Checker
	findings := checker.Check(snap, delta)
	if n := schema.Summarize(findings, 0).Errors; n > 0 {
		return nil, &exitError{exitData, fmt.Errorf("revision %s has %s; see netsync validate --rev %s", rev, plural(n, "error"), rev)}
	}
	return snap, nil
}

func printChanges(w io.Writer, changes []*event.Change, format string) error {
	if format == "json" {
		if changes == nil {
			changes = []*event.Change{}
		}
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(struct {
			Events []*event.Change `json:"events"`
		}{changes})
	}
	for _, c := range changes {
		fmt.Fprintln(w, changeLine(c))
		if c.Op == event.Updated {
			printPatch(w, c.Patch)
		}
	}
	fmt.Fprintf(w, "%s would be emitted.\n", plural(len(changes), "event"))
	return nil
}

// printPatch prints the operations of an RFC 6902 patch, one a line.
func printPatch(w io.Writer, patch json.RawMessage) {
	var operations []struct {
		Op    string          `json:"op"`
		Path  string          `json:"path"`
		Value json.RawMessage `json:"value"`
	}
	if json.Unmarshal(patch, &operations) != nil {
		return // made by us a moment ago
	}
	for _, o := range operations {
		fmt.Fprintf(w, "         %-8s %s %s\n", o.Op, o.Path, o.Value)
	}
}
