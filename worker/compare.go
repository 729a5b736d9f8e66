package worker

import (
	"context"
	"fmt"
	"slices"
	"time"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker/diff"
	"netsync/worker/git"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

// A Comparison describes the step from one commit to another.
type Comparison struct {
	// Changes are those that a worker would publish: records with errors keep
	// their last good version.
	Changes []*event.Change
	// Dataset is the id of the dataset in the first commit or, if that has no
	// manifest, in the second; "" if neither has one.
	Dataset string
	// Manifest is that of the second commit. State holds the records of both,
	// for their names. Both are nil if Broken.
	Manifest *schema.Manifest
	State    *schema.State
	// Before and After are the findings of the two commits, sorted.
	Before, After []schema.Finding
	// Broken is set if one of the commits has no usable manifest. Then Changes
	// is empty.
	Broken bool
}

// Compare compares two commits of a dataset in a folder of a repository. It
// publishes nothing.
func Compare(ctx context.Context, r *git.Repository, from, to git.CommitID, folder string, now time.Time) (*Comparison, error) {
	nothing := func(schema.RecordID) schema.Stored { return schema.Stored{} }
	return compareCommits(ctx, r, from, to, folder, now, nothing)
}

// compareCommits is Compare with a lookup of the last good versions of records
// that have errors in the first commit.
func compareCommits(ctx context.Context, r *git.Repository, from, to git.CommitID, folder string, now time.Time, good Lookup) (*Comparison, error) {
	before, findings, err := readChecked(ctx, r, from, folder, now)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Before: findings}
	after, findings, err := readChecked(ctx, r, to, folder, now)
	if err != nil {
		return nil, err
	}
	c.After = append(findings, validate.ChangedDatasetID(before, after)...)
	schema.SortFindings(c.After)
	c.Dataset = datasetOf(before, after)
	if c.Broken = BrokenManifest(before, c.Before) || BrokenManifest(after, findings); c.Broken {
		return c, nil
	}
	old, err := NewQuarantine(before, c.Before, good)
	if err != nil {
		return nil, err
	}
	next, err := NewQuarantine(after, findings, old.Get)
	if err != nil {
		return nil, err
	}
	commits, err := Commits(ctx, r, from, to, folder, after.ShownBy)
	if err != nil {
		return nil, err
	}
	ids := slices.Concat(before.IDs(), after.IDs())
	c.Manifest, c.State = after.Manifest, stateOf(ids, old.Get, next.Get)
	c.Changes, err = diff.Between(diff.Input{
		IDs:     ids,
		Before:  old.Get,
		After:   next.Get,
		Removed: func(schema.RecordID) bool { return false },
		Alias:   after.AliasOf,
		Commits: commits,
	})
	return c, err
}

func datasetOf(snapshots ...*snapshot.Snapshot) string {
	for _, s := range snapshots {
		if s.Manifest != nil {
			return s.Manifest.ID
		}
	}
	return ""
}

// stateOf returns the state of the records that lookups find. A later lookup
// takes precedence.
func stateOf(ids []schema.RecordID, lookups ...Lookup) *schema.State {
	var s schema.State
	for _, id := range ids {
		for _, get := range slices.Backward(lookups) {
			if r := get(id); !r.IsZero() {
				s.PutStored(id, r)
				break
			}
		}
	}
	return &s
}

func readChecked(ctx context.Context, r *git.Repository, commit git.CommitID, folder string, now time.Time) (*snapshot.Snapshot, []schema.Finding, error) {
	snap, delta, err := snapshot.Read(ctx, r, commit, folder, validate.Options(now))
	if err != nil {
		return nil, nil, fmt.Errorf("read commit %s: %w", commit, err)
	}
	var checker validate.Checker
	return snap, checker.Check(snap, delta), nil
}
