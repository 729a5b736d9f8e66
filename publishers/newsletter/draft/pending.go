package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/shared"
	"netsync/schema/story"
)

// PendingFile is the name of the file with a Pending in JSON, beside the draft.
const PendingFile = "pending.json"

// pendingFormat is increased when older files can no longer be read.
const pendingFormat = 3

// Pending holds the changes since the last sent digest, from which the draft is
// composed. It does not depend on a language.
type Pending struct {
	Format   int            `json:"format"`
	Position event.Position `json:"position"`
	From     event.Seq      `json:"from"` // end of the last digest
	Entries  []*Entry       `json:"entries"`
	// Base is the epoch of the ledger's base; "" if it has none.
	Base string `json:"base,omitempty"`

	// Cut is the end of the open digest; 0 if there is none. Later changes are
	// for the next one.
	Cut event.Seq `json:"cut,omitempty"`

	kept map[schema.RecordID]keptChanges // records with kept changes
}

// An Entry holds the kept changes of a changeset.
type Entry struct {
	Sequence  event.Seq       `json:"sequence"`
	Changeset string          `json:"changeset"`
	Time      time.Time       `json:"time"`
	Changes   []*event.Change `json:"changes,omitempty"`
	Bulk      story.Tally     `json:"bulk,omitempty"`
	// Merged are the records whose change here also stands for those between it
	// and the first one.
	Merged map[string]bool `json:"merged,omitempty"`
}

// keptChanges tells where the changes of a record are kept. Two of them
// represent many: the first has the state before, the last the state now.
type keptChanges struct {
	kept int // one or two
	last *Entry
	at   int // index in last
}

// NewPending returns a Pending without changes, which begins after a changeset event.
func NewPending(from event.Seq) Pending {
	return Pending{Format: pendingFormat, From: from, Entries: []*Entry{}, kept: make(map[schema.RecordID]keptChanges)}
}

// withStart returns the pending with a later start. The error is
// ErrNeedsRebuild if changes before and after the start were merged.
func (p Pending) withStart(from event.Seq) (Pending, error) {
	out := NewPending(from)
	out.Position, out.Cut, out.Base = p.Position, p.Cut, p.Base
	for _, e := range p.Entries {
		if e.Sequence <= from {
			continue
		}
		for _, c := range e.Changes {
			if id := c.RecordID(); e.Merged[id.String()] && out.kept[id].kept == 0 {
				return Pending{}, ErrNeedsRebuild // the first one was removed
			}
		}
		out.add(Entry{Sequence: e.Sequence, Changeset: e.Changeset, Time: e.Time, Bulk: e.Bulk, Merged: maps.Clone(e.Merged)}, e.Changes)
	}
	return out, nil
}

// AdvanceStart is withStart for any start: the error is ErrNeedsRebuild if it
// is before the present one.
func (p Pending) AdvanceStart(place event.Seq) (Pending, error) {
	if place < p.From {
		return Pending{}, ErrNeedsRebuild
	}
	return p.withStart(place)
}

// An Adjuster returns the changes that count for a changeset; ok is false if none do.
type Adjuster func(e Entry, changes []*event.Change) (adjusted Entry, counted []*event.Change, ok bool)

// AddEdition returns the pending after an edition. It skips entries that it has
// already. The receiver must not be used afterwards.
func (p Pending) AddEdition(e publishers.Edition, adjust Adjuster) Pending {
	for _, x := range e.Entries {
		added := Entry{Sequence: x.Sequence, Changeset: x.Changeset.ID, Time: x.Time.UTC().Truncate(time.Second)}
		added, changes, ok := adjust(added, x.Changes)
		if ok && x.Sequence > max(p.Position.Sequence, p.From) {
			p.add(added, changes)
		}
	}
	p.removeEmpty()
	p.Position = e.Position
	return p
}

// add keeps the changes of a changeset for a digest. Each change is either in
// an item of its record or, in bulk, counted. A trivial change is kept only if
// an earlier one of the same record is, so that the item ends with the present
// state.
func (p *Pending) add(e Entry, changes []*event.Change) {
	var bulk []*event.Change
	for _, c := range changes {
		switch {
		case c.Republished:
		case p.kept[c.RecordID()].kept > 0 || (!c.Bulk && c.Significance != event.Trivial):
			p.keepChange(&e, c)
		case c.Bulk && c.Significance != event.Trivial:
			bulk = append(bulk, c)
		}
	}
	e.Bulk = AddTallies(e.Bulk, story.Count(bulk))
	if len(e.Changes) > 0 || len(e.Bulk) > 0 {
		p.Entries = append(p.Entries, &e)
	}
}

// keepChange keeps a change in an entry. Of three changes of a record, it
// removes the middle one except for its commits, so that pending grows with the
// number of changed records, not of changes.
func (p *Pending) keepChange(e *Entry, c *event.Change) {
	id := c.RecordID()
	small, t := compactChange(c), p.kept[id]
	if t.kept > 0 && t.last.Sequence <= p.Cut {
		t = keptChanges{}
	}
	if t.kept == 2 {
		small.Commits = mergeCommits(small.Commits, t.last.Changes[t.at].Commits)
		t.last.Changes[t.at] = nil // removed by removeEmpty
		delete(t.last.Merged, id.String())
		if e.Merged == nil {
			e.Merged = make(map[string]bool)
		}
		e.Merged[id.String()] = true
		t.kept = 1
	}
	e.Changes = append(e.Changes, small)
	p.kept[id] = keptChanges{t.kept + 1, e, len(e.Changes) - 1}
}

// removeEmpty removes what keepChange emptied.
func (p *Pending) removeEmpty() {
	for _, e := range p.Entries {
		e.Changes = slices.DeleteFunc(e.Changes, func(c *event.Change) bool { return c == nil })
		for at, c := range e.Changes {
			if t := p.kept[c.RecordID()]; t.last == e {
				t.at = at
				p.kept[c.RecordID()] = t
			}
		}
	}
	p.Entries = slices.DeleteFunc(p.Entries, func(e *Entry) bool { return len(e.Changes) == 0 && len(e.Bulk) == 0 })
}

// mergeCommits returns the kept commits of a change and an earlier one.
func mergeCommits(commits, before []event.Commit) []event.Commit {
	all := slices.Clone(commits)
	for _, c := range before {
		known := slices.ContainsFunc(all, func(other event.Commit) bool { return other.SHA == c.SHA })
		if len(all) < maxCommits && !known {
			all = append(all, c)
		}
	}
	return all
}

// AddTallies returns the sum of two tallies, without changing them.
func AddTallies(a, b story.Tally) story.Tally {
	sum := make(story.Tally)
	for _, t := range []story.Tally{a, b} {
		for op, bulk := range t {
			if sum[op] == nil {
				sum[op] = make(map[schema.Collection]int)
			}
			for collection, n := range bulk {
				sum[op][collection] += n
			}
		}
	}
	return sum
}

// maxCommits is the number of commits kept for a change; the stream has all.
const maxCommits = 5

// compactChange returns a change without the fields that a digest does not
// need.
func compactChange(c *event.Change) *event.Change {
	small := *c
	small.Patch, small.Replaces, small.Changeset = nil, nil, ""
	small.Commits = slices.Clone(c.Commits[:min(len(c.Commits), maxCommits)])
	return &small
}

// AllChanges returns all kept changes in stream order.
func (p Pending) AllChanges() []*event.Change {
	var all []*event.Change
	for _, e := range p.Entries {
		all = append(all, e.Changes...)
	}
	return all
}

// Encode encodes the changes as PendingFile.
func (p Pending) Encode() ([]byte, error) {
	data, err := shared.EncodeJSON(p)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", PendingFile, err)
	}
	return append(data, '\n'), nil
}

// DecodePending decodes the file of pending changes. The error is ErrNeedsRebuild if it is
// damaged or of another format.
func DecodePending(data []byte) (Pending, error) {
	p := NewPending(0)
	if err := json.Unmarshal(data, &p); err != nil {
		return Pending{}, fmt.Errorf("%w: %w", ErrNeedsRebuild, err)
	}
	if p.Format != pendingFormat {
		return Pending{}, ErrNeedsRebuild
	}
	return p.withStart(p.From)
}

// ErrNeedsRebuild is returned if pending.json does not match channel.json or the
// ledger. The position is zero then, so the draft is rebuilt.
var ErrNeedsRebuild = errors.New(PendingFile + " does not belong to what the newsletter shows; rebuild the newsletter")
