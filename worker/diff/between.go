// Package diff returns the changes of records from one state of a dataset to another. Its
// functions depend on their input only.
package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/wI2L/jsondiff"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/shared"
)

// Input is the input of Between.
type Input struct {
	// IDs are the records that may differ. Others are not compared.
	IDs []schema.RecordID
	// Before and After return a record of the old and of the new state; zero if the state does
	// not have it.
	Before, After func(schema.RecordID) schema.Stored
	// Removed reports whether a record that the old state does not have was in an earlier
	// one.
	Removed func(schema.RecordID) bool
	// Alias returns the record of the new state that has an id as an alias.
	Alias func(schema.RecordID) (schema.RecordID, bool)
	// Commits returns the commits that touched a record, newest first.
	Commits func(schema.RecordID) []Commit
	// Bulk marks all changes as part of a bulk change.
	Bulk bool
}

// A Commit is a commit with its trailers about changes.
type Commit struct {
	event.Commit
	Bulk    bool // Netsync-Bulk: true
	Trivial bool // Netsync-Significance: trivial
}

// Between returns one change for each record that differs: first existing records, then removed
// ones, each by collection and id.
func Between(in Input) ([]*event.Change, error) {
	changes := Outline(in)
	for _, change := range changes {
		if err := in.Complete(change); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// Outline is Between without the fields that depend on the content of records: it returns
// changes with the record, the operation, the digests and Bulk.
func Outline(in Input) []*event.Change {
	var there, gone []*event.Change
	for _, id := range Sorted(in.IDs) {
		before, after := in.Before(id), in.After(id)
		switch {
		case before.Digest() == after.Digest():
		case after.IsZero():
			gone = append(gone, in.newOutline(id, before, after))
		default:
			there = append(there, in.newOutline(id, before, after))
		}
	}
	return append(there, gone...)
}

// Sorted returns ids by collection and id, each once.
func Sorted(ids []schema.RecordID) []schema.RecordID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, schema.RecordID.Compare)
	return slices.Compact(ids)
}

func (in Input) newOutline(id schema.RecordID, before, after schema.Stored) *event.Change {
	change := &event.Change{
		Collection:     id.Collection,
		ID:             id.ID,
		Op:             in.operation(id, !before.IsZero(), !after.IsZero()),
		Digest:         digestOf(after),
		PreviousDigest: digestOf(before),
		Bulk:           in.Bulk || slices.ContainsFunc(in.Commits(id), func(c Commit) bool { return c.Bulk }),
		Stored:         after,
	}
	if after.IsZero() {
		if current, ok := in.Alias(id); ok {
			change.ReplacedBy = &current.ID
		}
	}
	return change
}

// digestOf returns the digest of a record, or nil if there is none.
func digestOf(r schema.Stored) *schema.Digest {
	if r.IsZero() {
		return nil
	}
	digest := r.Digest()
	return &digest
}

// Complete sets the fields of an outline that Outline leaves out.
func (in Input) Complete(change *event.Change) error {
	id, after := change.RecordID(), change.Stored
	var before schema.Stored
	if change.PreviousDigest != nil {
		before = in.Before(id)
	}
	change.Record, change.Previous, change.Patch = jsonOf(id, after), jsonOf(id, before), json.RawMessage("[]")
	change.Significance, change.Replaces = event.Major, []string{}
	if err := in.compare(change, before, after); err != nil {
		return fmt.Errorf("compare %s: %w", id, err)
	}
	commits := in.Commits(id)
	change.Commits, change.CommitsTotal = publicCommits(commits, change.Bulk)
	if len(commits) > 0 && !slices.ContainsFunc(commits, func(c Commit) bool { return !c.Trivial }) {
		change.Significance = event.Trivial
	}
	return nil
}

// jsonOf returns a record's canonical JSON, or null if there is none.
func jsonOf(id schema.RecordID, r schema.Stored) json.RawMessage {
	if r.IsZero() {
		return json.RawMessage("null")
	}
	return r.Record(id).JSON
}

func (in Input) operation(id schema.RecordID, had, has bool) event.Op {
	switch {
	case !has:
		return event.Removed
	case had:
		return event.Updated
	case in.Removed(id):
		return event.Restored
	}
	return event.Created
}

// compare sets the fields that depend on both versions.
func (in Input) compare(change *event.Change, before, after schema.Stored) error {
	var old, now map[string]any
	var err error
	had, has := !before.IsZero(), !after.IsZero()
	if had && has {
		if old, err = valueOf(change.Previous); err != nil {
			return err
		}
	}
	// Only the aliases of a new record matter, and few have any.
	if has && (had || bytes.Contains(change.Record, []byte(`"aliases":["`))) {
		if now, err = valueOf(change.Record); err != nil {
			return err
		}
		change.Replaces = addedAliases(old, now)
	}
	if had && has {
		change.Significance = Significance(change.Collection, old, now)
		change.Patch, err = makePatch(change.Previous, change.Record)
	}
	return err
}

// makePatch returns the RFC 6902 operations that turn one JSON text into another.
func makePatch(before, after []byte) (json.RawMessage, error) {
	operations, err := jsondiff.CompareJSON(before, after)
	if err != nil {
		return nil, fmt.Errorf("make patch: %w", err)
	}
	patch, err := shared.EncodeJSON(operations)
	if err != nil {
		return nil, fmt.Errorf("make patch: %w", err)
	}
	return patch, nil
}

// addedAliases returns the aliases that a record has now and did not have before.
func addedAliases(old, now map[string]any) []string {
	had := aliasesOf(old)
	out := []string{}
	for _, alias := range aliasesOf(now) {
		if !slices.Contains(had, alias) {
			out = append(out, alias)
		}
	}
	return out
}

func valueOf(record json.RawMessage) (map[string]any, error) {
	return schema.Record{JSON: record}.Value()
}

func aliasesOf(record map[string]any) []string {
	list, _ := record["aliases"].([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		if alias, ok := item.(string); ok {
			out = append(out, alias)
		}
	}
	return out
}

// maxCommits is the maximum number of commits in an event.
const maxCommits = 100

// publicCommits returns the commits in an event, and their total if these are not all. For a
// bulk import it returns the newest.
func publicCommits(commits []Commit, bulk bool) (listed []event.Commit, total int) {
	if bulk && len(commits) > 1 {
		commits = commits[:1]
	}
	if len(commits) > maxCommits {
		total = len(commits)
		commits = commits[:maxCommits]
	}
	out := make([]event.Commit, len(commits))
	for i, c := range commits {
		out[i] = c.Commit
	}
	return out, total
}
