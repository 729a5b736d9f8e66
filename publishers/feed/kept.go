package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"netsync/publishers"
	"netsync/schema/describe"
	"netsync/schema/event"
)

// keptFile holds a kept in JSON, for this package alone.
const keptFile = "items.json"

// keptFormat changes when older files can no longer be read.
const keptFormat = 1

// kept is what a feed's items are made of. It says nothing in any language,
// so that every feed of a dataset can be rendered from it.
type kept struct {
	Format   int            `json:"format"`
	Position event.Position `json:"position"`
	Updated  time.Time      `json:"updated"` // of the last changeset
	Items    []source       `json:"items"`   // newest first
}

// A source is what one item is made of: a change, or a bulk changeset.
type source struct {
	Changeset string        `json:"changeset"`
	Time      time.Time     `json:"time"`
	Change    *event.Change `json:"change,omitempty"`
	Bulk      *bulk         `json:"bulk,omitempty"`
}

// A bulk is what remains of many changes.
type bulk struct {
	Tally        describe.Tally     `json:"tally"`
	Significance event.Significance `json:"significance"` // the greatest
	Commits      []event.Commit     `json:"commits"`      // newest first
}

// errLost is what shown returns where the file does not fit channel.json.
var errLost = errors.New(keptFile + " does not belong to what the feed shows; rebuild the feed")

// shown reads what the items are made of that readers see now, from the one
// release that is current at the beginning: a flip meanwhile does no harm.
func (f *Feed) shown() (kept, error) {
	r, ok := f.dir.Current()
	if !ok {
		return kept{}, fmt.Errorf("current release: %w", fs.ErrNotExist)
	}
	read := func(name string) ([]byte, error) { return fs.ReadFile(r.FS(), name) }
	position, err := publishers.ReadPosition(read)
	if err != nil {
		return kept{}, err
	}
	data, err := read(keptFile)
	if err != nil {
		return kept{}, fmt.Errorf("read %s: %w", keptFile, err)
	}
	var k kept
	if err := json.Unmarshal(data, &k); err != nil {
		return kept{}, fmt.Errorf("%w: %w", errLost, err)
	}
	if k.Format != keptFormat || k.Position != position {
		return kept{}, errLost
	}
	return k, nil
}

// encode leaves <, > and & alone, so that records keep their canonical bytes.
func (k kept) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(k); err != nil {
		return nil, fmt.Errorf("encode %s: %w", keptFile, err)
	}
	return b.Bytes(), nil
}

// with returns what is kept after an edition: the newest items up to the
// limit. Entries that are in already are passed over.
func (k kept) with(e publishers.Edition, limit int) kept {
	out := kept{Format: keptFormat, Position: e.Position, Updated: k.Updated}
	var fresh []source // oldest first
	for _, entry := range e.Entries {
		if entry.Sequence > k.Position.Sequence {
			fresh = append(fresh, sourcesOf(entry)...)
			out.Updated = entry.Time.UTC()
		}
	}
	slices.Reverse(fresh)
	items := append(fresh, k.Items...)
	// Older items are lost to the feed, not to the stream.
	out.Items = items[:min(limit, len(items))]
	return out
}

// sourcesOf returns the items that a changeset comes to, in stream order: one
// for each change, after one for all bulk changes together.
func sourcesOf(entry publishers.Entry) []source {
	var many []*event.Change
	var single []source
	for _, c := range entry.Changes {
		switch {
		case c.Republished: // nothing changed
		case c.Bulk:
			many = append(many, c)
		default:
			single = append(single, source{Changeset: entry.Changeset.ID, Time: entry.Time.UTC(), Change: c})
		}
	}
	if len(many) == 0 {
		return single
	}
	together := source{Changeset: entry.Changeset.ID, Time: entry.Time.UTC(), Bulk: bulkOf(many)}
	return append([]source{together}, single...)
}

func bulkOf(changes []*event.Change) *bulk {
	b := &bulk{Tally: describe.Count(changes), Significance: event.Trivial}
	seen := make(map[string]bool)
	for _, c := range changes {
		if c.Significance == event.Major || b.Significance == event.Trivial {
			b.Significance = c.Significance
		}
		for _, commit := range c.Commits {
			if !seen[commit.SHA] {
				b.Commits = append(b.Commits, commit)
			}
			seen[commit.SHA] = true
		}
	}
	slices.SortStableFunc(b.Commits, func(x, y event.Commit) int { return y.Time.Compare(x.Time) })
	return b
}
