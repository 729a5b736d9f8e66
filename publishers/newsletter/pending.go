package newsletter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

// pendingFile holds a pending in JSON. It is private to this package.
const pendingFile = "pending.json"

// pendingFormat is increased when older files can no longer be read.
const pendingFormat = 3

// pending holds the changes since the last sent digest, from which the draft is
// composed. It does not depend on a language.
type pending struct {
	Format   int            `json:"format"`
	Position event.Position `json:"position"`
	From     event.Seq      `json:"from"` // end of the last digest
	Entries  []*entry       `json:"entries"`
	// Base is the epoch of the ledger's base; "" if it has none.
	Base string `json:"base,omitempty"`

	// Cut is the end of the open digest; 0 if there is none. Later changes are
	// for the next one.
	Cut event.Seq `json:"cut,omitempty"`

	kept map[schema.RecordID]keptChanges // records with kept changes
}

// An entry holds the kept changes of a changeset.
type entry struct {
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
	last *entry
	at   int // index in last
}

func newPending(from event.Seq) pending {
	return pending{Format: pendingFormat, From: from, Entries: []*entry{}, kept: make(map[schema.RecordID]keptChanges)}
}

// withStart returns the pending with a later start. The error is
// errNeedsRebuild if changes before and after the start were merged.
func (p pending) withStart(from event.Seq) (pending, error) {
	out := newPending(from)
	out.Position, out.Cut, out.Base = p.Position, p.Cut, p.Base
	for _, e := range p.Entries {
		if e.Sequence <= from {
			continue
		}
		for _, c := range e.Changes {
			if id := c.RecordID(); e.Merged[id.String()] && out.kept[id].kept == 0 {
				return pending{}, errNeedsRebuild // the first one was removed
			}
		}
		out.add(entry{Sequence: e.Sequence, Changeset: e.Changeset, Time: e.Time, Bulk: e.Bulk, Merged: maps.Clone(e.Merged)}, e.Changes)
	}
	return out, nil
}

// advanceStart is withStart for any start: the error is errNeedsRebuild if it
// is before the present one.
func (p pending) advanceStart(place event.Seq) (pending, error) {
	if place < p.From {
		return pending{}, errNeedsRebuild
	}
	return p.withStart(place)
}

// An adjuster returns the changes that count for a changeset; ok is false if none do.
type adjuster func(e entry, changes []*event.Change) (adjusted entry, counted []*event.Change, ok bool)

// addEdition returns the pending after an edition. It skips entries that it has
// already. The receiver must not be used afterwards.
func (p pending) addEdition(e publishers.Edition, adjust adjuster) pending {
	for _, x := range e.Entries {
		added := entry{Sequence: x.Sequence, Changeset: x.Changeset.ID, Time: x.Time.UTC().Truncate(time.Second)}
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
func (p *pending) add(e entry, changes []*event.Change) {
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
	e.Bulk = addTallies(e.Bulk, story.Count(bulk))
	if len(e.Changes) > 0 || len(e.Bulk) > 0 {
		p.Entries = append(p.Entries, &e)
	}
}

// keepChange keeps a change in an entry. Of three changes of a record, it
// removes the middle one except for its commits, so that pending grows with the
// number of changed records, not of changes.
func (p *pending) keepChange(e *entry, c *event.Change) {
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
func (p *pending) removeEmpty() {
	for _, e := range p.Entries {
		e.Changes = slices.DeleteFunc(e.Changes, func(c *event.Change) bool { return c == nil })
		for at, c := range e.Changes {
			if t := p.kept[c.RecordID()]; t.last == e {
				t.at = at
				p.kept[c.RecordID()] = t
			}
		}
	}
	p.Entries = slices.DeleteFunc(p.Entries, func(e *entry) bool { return len(e.Changes) == 0 && len(e.Bulk) == 0 })
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

// addTallies returns the sum of two tallies, without changing them.
func addTallies(a, b story.Tally) story.Tally {
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

// allChanges returns all kept changes in stream order.
func (p pending) allChanges() []*event.Change {
	var all []*event.Change
	for _, e := range p.Entries {
		all = append(all, e.Changes...)
	}
	return all
}

// encode does not escape <, > and &, so that records keep their canonical
// bytes.
func (p pending) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return nil, fmt.Errorf("encode %s: %w", pendingFile, err)
	}
	return b.Bytes(), nil
}

// decodePending decodes the file of pending changes. The error is errNeedsRebuild if it is
// damaged or of another format.
func decodePending(data []byte) (pending, error) {
	p := newPending(0)
	if err := json.Unmarshal(data, &p); err != nil {
		return pending{}, fmt.Errorf("%w: %w", errNeedsRebuild, err)
	}
	if p.Format != pendingFormat {
		return pending{}, errNeedsRebuild
	}
	return p.withStart(p.From)
}

// errNeedsRebuild is returned if pending.json does not match channel.json or the
// ledger. The position is zero then, so the draft is rebuilt.
var errNeedsRebuild = errors.New(pendingFile + " does not belong to what the newsletter shows; rebuild the newsletter")
