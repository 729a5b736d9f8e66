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

// A Comparison is what going from one commit to another would mean.
type Comparison struct {
	// Changes are those that a worker would publish: records with errors stay
	// at their last good version.
	Changes []*event.Change
	// Dataset is the id of the dataset: that of the first commit or, where that
	// has no manifest, of the second; "" where neither has one.
	Dataset string
	// Manifest is that of the second commit, and State tells the names of the
	// records of both; nil where Broken.
	Manifest *schema.Manifest
	State    *schema.State
	// Before and After are the findings of the two commits, sorted.
	Before, After []schema.Finding
	// Broken says that one of the commits has no manifest that can be used.
	// Then there are no changes to tell.
	Broken bool
}

// Compare says what going from one commit to another would mean for a dataset
// in a folder of a repository. It publishes nothing.
func Compare(ctx context.Context, r *git.Repository, from, to git.CommitID, folder string, now time.Time) (*Comparison, error) {
	nothing := func(schema.RecordID) schema.Stored { return schema.Stored{} }
	return compare(ctx, r, from, to, folder, now, nothing)
}

// compare is Compare where the last good version of a record that has errors
// in the first commit is known.
func compare(ctx context.Context, r *git.Repository, from, to git.CommitID, folder string, now time.Time, good Lookup) (*Comparison, error) {
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
	c.Dataset = idOf(before, after)
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

func idOf(snapshots ...*snapshot.Snapshot) string {
	for _, s := range snapshots {
		if s.Manifest != nil {
			return s.Manifest.ID
		}
	}
	return ""
}

// stateOf holds the records that lookups find; the last one that knows a
// record counts.
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
