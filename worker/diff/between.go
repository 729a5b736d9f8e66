// Package diff says what going from one state of a dataset to the next means
// for each record. It is pure: values in, values out.
package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/wI2L/jsondiff"

	"netsync/schema"
	"netsync/schema/event"
)

// Input is what Between compares.
type Input struct {
	// IDs are the records that may differ. Others are not looked at.
	IDs []schema.RecordID
	// Before and After return a record in the old and in the new state.
	Before, After func(schema.RecordID) (schema.Record, bool)
	// Removed reports whether a record that is not in the old state once
	// was in one.
	Removed func(schema.RecordID) bool
	// Alias returns the record of the new state that has an id as an alias.
	Alias func(schema.RecordID) (schema.RecordID, bool)
	// Commits returns the commits that touched a record, newest first.
	Commits func(schema.RecordID) []Commit
	// Bulk marks every change as one of many.
	Bulk bool
}

// A Commit is a commit with what its trailers say of its changes.
type Commit struct {
	event.Commit
	Bulk    bool // Netsync-Bulk: true
	Trivial bool // Netsync-Significance: trivial
}

// Between returns one change for each record that differs: first those that
// are there, then those that are gone, each by collection and id.
func Between(in Input) ([]*event.Change, error) {
	var there, gone []*event.Change
	for _, id := range sorted(in.IDs) {
		before, had := in.Before(id)
		after, has := in.After(id)
		if had == has && before.Digest == after.Digest {
			continue
		}
		change, err := in.change(before, had, after, has)
		if err != nil {
			return nil, fmt.Errorf("compare %s: %w", id, err)
		}
		if has {
			there = append(there, change)
		} else {
			gone = append(gone, change)
		}
	}
	return append(there, gone...), nil
}

func sorted(ids []schema.RecordID) []schema.RecordID {
	ids = slices.SortedFunc(slices.Values(ids), schema.RecordID.Compare)
	return slices.Compact(ids)
}

func (in Input) change(before schema.Record, had bool, after schema.Record, has bool) (*event.Change, error) {
	id := after.ID
	if !has {
		id = before.ID
	}
	commits := in.Commits(id)
	change := &event.Change{
		Collection:   id.Collection,
		ID:           id.ID,
		Op:           in.op(id, had, has),
		Record:       json.RawMessage("null"),
		Previous:     json.RawMessage("null"),
		Patch:        json.RawMessage("[]"),
		Significance: event.Major,
		Bulk:         in.Bulk || slices.ContainsFunc(commits, func(c Commit) bool { return c.Bulk }),
		Replaces:     []string{},
	}
	// The digests are copied: a pointer into a record would hold all of it.
	if has {
		digest := after.Digest
		change.Record, change.Digest = after.JSON, &digest
	}
	if had {
		digest := before.Digest
		change.Previous, change.PreviousDigest = before.JSON, &digest
	}
	if err := in.compare(change, before, had, after, has); err != nil {
		return nil, err
	}
	change.Commits = publicCommits(commits, change.Bulk)
	if len(commits) > 0 && !slices.ContainsFunc(commits, func(c Commit) bool { return !c.Trivial }) {
		change.Significance = event.Trivial
	}
	return change, nil
}

func (in Input) op(id schema.RecordID, had, has bool) event.Op {
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

// compare fills in what follows from both versions together.
func (in Input) compare(change *event.Change, before schema.Record, had bool, after schema.Record, has bool) error {
	var old, now map[string]any
	var err error
	if had && has {
		if old, err = before.Value(); err != nil {
			return err
		}
	}
	// Of a new record nothing but its aliases matters, and few have some.
	if has && (had || bytes.Contains(after.JSON, []byte(`"aliases":["`))) {
		if now, err = after.Value(); err != nil {
			return err
		}
		change.Replaces = added(old, now)
	}
	if !has {
		if current, ok := in.Alias(before.ID); ok {
			change.ReplacedBy = &current.ID
		}
	}
	if had && has {
		change.Significance = Significance(before.ID.Collection, old, now)
		change.Patch, err = patch(before.JSON, after.JSON)
	}
	return err
}

// patch returns the RFC 6902 operations that turn one JSON text into another.
func patch(before, after []byte) (json.RawMessage, error) {
	operations, err := jsondiff.CompareJSON(before, after)
	if err != nil {
		return nil, fmt.Errorf("make patch: %w", err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(operations); err != nil {
		return nil, fmt.Errorf("make patch: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// added returns the aliases that a record has now and did not have before.
func added(old, now map[string]any) []string {
	had := aliases(old)
	out := []string{}
	for _, alias := range aliases(now) {
		if !slices.Contains(had, alias) {
			out = append(out, alias)
		}
	}
	return out
}

func aliases(record map[string]any) []string {
	list, _ := record["aliases"].([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		if alias, ok := item.(string); ok {
			out = append(out, alias)
		}
	}
	return out
}

func publicCommits(commits []Commit, bulk bool) []event.Commit {
	if bulk && len(commits) > 1 {
		commits = commits[:1]
	}
	out := make([]event.Commit, len(commits))
	for i, c := range commits {
		out[i] = c.Commit
	}
	return out
}
