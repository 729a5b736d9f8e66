package newsletter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

// pendingFile holds a pending in JSON, for this package alone.
const pendingFile = "pending.json"

// pendingFormat changes when older files can no longer be read.
const pendingFormat = 3

// pending is what the draft is made of: the changes since the last digest
// that was sent. It says nothing in any language.
type pending struct {
	Format   int            `json:"format"`
	Position event.Position `json:"position"`
	From     event.Seq      `json:"from"` // where the last digest ended
	Entries  []*entry       `json:"entries"`
	// Base is the epoch of the ledger's base; "" where it has none.
	Base string `json:"base,omitempty"`

	// Cut is where a digest ends that is under way; 0 where none is. What
	// comes after it is for the next one.
	Cut event.Seq `json:"cut,omitempty"`

	kept map[schema.RecordID]keptChanges // the records of which a change is kept
}

// An entry is what remains of a changeset.
type entry struct {
	Sequence  event.Seq       `json:"sequence"`
	Changeset string          `json:"changeset"`
	Time      time.Time       `json:"time"`
	Changes   []*event.Change `json:"changes,omitempty"`
	Bulk      story.Tally     `json:"bulk,omitempty"`
	// Merged are the records whose change here stands for those that came
	// between it and the first one.
	Merged map[string]bool `json:"merged,omitempty"`
}

// A keptChanges is where the changes of a record are kept. Two say what many came
// to: the first one what was there before, the last one what is there now.
type keptChanges struct {
	kept int // one or two
	last *entry
	at   int // in the last one's entry
}

func newPending(from event.Seq) pending {
	return pending{Format: pendingFormat, From: from, Entries: []*entry{}, kept: make(map[schema.RecordID]keptChanges)}
}

// withStart returns what a pending would be if it had begun at from, which is not
// before its own beginning. The error is errLost where changes from before and
// after that place were merged.
func (p pending) withStart(from event.Seq) (pending, error) {
	out := newPending(from)
	out.Position, out.Cut, out.Base = p.Position, p.Cut, p.Base
	for _, e := range p.Entries {
		if e.Sequence <= from {
			continue
		}
		for _, c := range e.Changes {
			if id := c.RecordID(); e.Merged[id.String()] && out.kept[id].kept == 0 {
				return pending{}, errNeedsRebuild // the first one is gone
			}
		}
		out.add(entry{Sequence: e.Sequence, Changeset: e.Changeset, Time: e.Time, Bulk: e.Bulk, Merged: maps.Clone(e.Merged)}, e.Changes)
	}
	return out, nil
}

// advanceStart is since for any place: errLost is also what comes of one that lies
// before the beginning.
func (p pending) advanceStart(place event.Seq) (pending, error) {
	if place < p.From {
		return pending{}, errNeedsRebuild
	}
	return p.withStart(place)
}

// addEdition returns what a pending is after an edition. Entries that are in already
// are passed over. The one that it was must not be used any more.
func (p pending) addEdition(e publishers.Edition, b ledgerBase) pending {
	for _, x := range e.Entries {
		made := entry{Sequence: x.Sequence, Changeset: x.Changeset.ID, Time: x.Time.UTC().Truncate(time.Second)}
		made, changes, ok := b.adjustEntry(made, x.Changes)
		if ok && x.Sequence > max(p.Position.Sequence, p.From) {
			p.add(made, changes)
		}
	}
	p.removeEmpty()
	p.Position = e.Position
	return p
}

// add keeps what of a changeset's changes a digest may tell. Each change is
// told at one place: in a line about its record or, in bulk, by a number. A
// quiet one counts in a line where an earlier one of the same record is kept,
// so that the line ends with what is true.
func (p *pending) add(e entry, changes []*event.Change) {
	var many []*event.Change
	for _, c := range changes {
		switch {
		case c.Republished:
		case p.kept[c.RecordID()].kept > 0 || (!c.Bulk && c.Significance != event.Trivial):
			p.keepChange(&e, c)
		case c.Bulk && c.Significance != event.Trivial:
			many = append(many, c)
		}
	}
	e.Bulk = addTallies(e.Bulk, story.Count(many))
	if len(e.Changes) > 0 || len(e.Bulk) > 0 {
		p.Entries = append(p.Entries, &e)
	}
}

// keepChange keeps a change in an entry. Of three changes of a record, the one in
// the middle goes, but for its commits: what is pending grows with the records
// that change, and not with how often they do.
func (p *pending) keepChange(e *entry, c *event.Change) {
	id := c.RecordID()
	small, t := compactChange(c), p.kept[id]
	if t.kept > 0 && t.last.Sequence <= p.Cut {
		t = keptChanges{}
	}
	if t.kept == 2 {
		small.Commits = mergeCommits(small.Commits, t.last.Changes[t.at].Commits)
		t.last.Changes[t.at] = nil // sweep takes it out
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

// removeEmpty takes out what keep has emptied.
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

// mergeCommits are the commits that are kept of a change and of one before it.
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

// addTallies returns the sum of two tallies, and changes neither.
func addTallies(a, b story.Tally) story.Tally {
	sum := make(story.Tally)
	for _, t := range []story.Tally{a, b} {
		for op, counts := range t {
			if sum[op] == nil {
				sum[op] = make(map[schema.Collection]int)
			}
			for collection, n := range counts {
				sum[op][collection] += n
			}
		}
	}
	return sum
}

// maxCommits is how many commits of a change are kept; the stream has all.
const maxCommits = 5

// compactChange leaves out what a digest does not tell.
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

// encode leaves <, > and & alone, so that records keep their canonical bytes.
func (p pending) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return nil, fmt.Errorf("encode %s: %w", pendingFile, err)
	}
	return b.Bytes(), nil
}

// readPending reads what the current draft is made of. The error is fs.ErrNotExist if
// there is none, or if it is damaged.
func (n *Newsletter) readPending() (pending, error) {
	data, err := n.drafts.ReadFile(pendingFile)
	if err != nil {
		return pending{}, fmt.Errorf("read %s: %w", pendingFile, err)
	}
	p := newPending(0)
	if err := json.Unmarshal(data, &p); err != nil {
		return pending{}, fmt.Errorf("%w: %w", errNeedsRebuild, err)
	}
	if p.Format != pendingFormat {
		return pending{}, errNeedsRebuild
	}
	return p.withStart(p.From)
}
