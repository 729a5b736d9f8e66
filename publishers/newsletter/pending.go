package newsletter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/describe"
	"netsync/schema/event"
)

// pendingFile holds a pending in JSON, for this package alone.
const pendingFile = "pending.json"

// pendingFormat changes when older files can no longer be read.
const pendingFormat = 1

// pending is what the draft is made of: the changes since the last digest
// that was sent. It says nothing in any language.
type pending struct {
	Format   int            `json:"format"`
	Position event.Position `json:"position"`
	From     event.Seq      `json:"from"` // where the last digest ended
	Entries  []entry        `json:"entries"`

	told map[schema.RecordID]bool // the records of which a change is kept
}

// An entry is what remains of a changeset.
type entry struct {
	Sequence  event.Seq       `json:"sequence"`
	Changeset string          `json:"changeset"`
	Time      time.Time       `json:"time"`
	Changes   []*event.Change `json:"changes,omitempty"`
	Bulk      describe.Tally  `json:"bulk,omitempty"`
}

func newPending(from event.Seq) pending {
	return pending{Format: pendingFormat, From: from, Entries: []entry{}, told: make(map[schema.RecordID]bool)}
}

// since returns what a pending would be if it had begun at from, which is not
// before its own beginning.
func (p pending) since(from event.Seq) pending {
	out := newPending(from)
	out.Position = p.Position
	for _, e := range p.Entries {
		if e.Sequence > from {
			out.add(entry{e.Sequence, e.Changeset, e.Time, nil, e.Bulk}, e.Changes)
		}
	}
	return out
}

// with returns what a pending is after an edition. Entries that are in already
// are passed over.
func (p pending) with(e publishers.Edition) pending {
	for _, x := range e.Entries {
		if x.Sequence > max(p.Position.Sequence, p.From) {
			p.add(entry{Sequence: x.Sequence, Changeset: x.Changeset.ID, Time: x.Time.UTC().Truncate(time.Second)}, x.Changes)
		}
	}
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
		case p.told[c.RecordID()] || (!c.Bulk && c.Significance != event.Trivial):
			p.told[c.RecordID()] = true
			e.Changes = append(e.Changes, compact(c))
		case c.Bulk && c.Significance != event.Trivial:
			many = append(many, c)
		}
	}
	e.Bulk = plus(e.Bulk, describe.Count(many))
	if len(e.Changes) > 0 || len(e.Bulk) > 0 {
		p.Entries = append(p.Entries, e)
	}
}

// plus returns the sum of two tallies, and changes neither.
func plus(a, b describe.Tally) describe.Tally {
	sum := make(describe.Tally)
	for _, t := range []describe.Tally{a, b} {
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

// compact leaves out what a digest does not tell.
func compact(c *event.Change) *event.Change {
	small := *c
	small.Patch, small.Replaces, small.Changeset = nil, nil, ""
	small.Commits = slices.Clone(c.Commits[:min(len(c.Commits), maxCommits)])
	return &small
}

// changes returns all kept changes in stream order.
func (p pending) changes() []*event.Change {
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

// shown reads what the draft is made of that readers see now, from the one
// release that is current at the beginning: a flip meanwhile does no harm.
func (n *Newsletter) shown() (pending, error) {
	r, ok := n.dir.Current()
	if !ok {
		return pending{}, fmt.Errorf("current release: %w", fs.ErrNotExist)
	}
	read := func(name string) ([]byte, error) { return fs.ReadFile(r.FS(), name) }
	position, err := publishers.ReadPosition(read)
	if err != nil {
		return pending{}, err
	}
	data, err := read(pendingFile)
	if err != nil {
		return pending{}, fmt.Errorf("read %s: %w", pendingFile, err)
	}
	p := newPending(0)
	if err := json.Unmarshal(data, &p); err != nil {
		return pending{}, fmt.Errorf("%w: %w", errLost, err)
	}
	if p.Format != pendingFormat || p.Position != position {
		return pending{}, errLost
	}
	return p.since(p.From), nil
}
