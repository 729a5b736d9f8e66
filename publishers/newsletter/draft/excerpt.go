package draft

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
	"netsync/schema/stream"
)

// A Period holds the changes between two changesets, for any language and
// topics.
type Period struct {
	Pending
	bulk []bulkChange
}

// A bulkChange holds what is needed of a change that is only counted.
type bulkChange struct {
	sequence   event.Seq // of the changeset event
	op         event.Op
	collection schema.Collection
	topics     []string
}

// An Excerpt holds the stream's state at a changeset, and periods that end
// there.
type Excerpt struct {
	Edition publishers.Edition
	Periods map[event.Seq]*Period
}

// ReadExcerpt reads the stream up to a changeset event, once for all periods.
func ReadExcerpt(ctx context.Context, reader *stream.Reader, to event.Seq, begin []event.Seq, adjust Adjuster) (Excerpt, error) {
	p := Excerpt{Periods: make(map[event.Seq]*Period)}
	for _, from := range begin {
		p.Periods[from] = &Period{Pending: NewPending(from)}
	}
	fold := reader.Fold()
	var changes []*event.Change // of the changeset that is not complete yet
	for m, err := range reader.Replay(ctx, 1, to) {
		if err != nil {
			return p, err
		}
		if err := reader.Take(fold, &stream.Hidden{}, m); err != nil {
			return p, err
		}
		complete := fold.Position.Sequence == m.Seq
		if m.Change != nil {
			changes = append(changes, m.Change)
		}
		if complete {
			e := Entry{Sequence: m.Seq, Changeset: m.Changeset.ID, Time: m.Time.UTC().Truncate(time.Second)}
			e, counted, ok := adjust(e, changes)
			for from, period := range p.Periods {
				if ok && m.Seq > from {
					period.addChangeset(e, counted)
				}
			}
			changes = nil
		}
	}
	if fold.Position.Sequence != to {
		return p, fmt.Errorf("there is no changeset at %d", to)
	}
	for _, period := range p.Periods {
		period.removeEmpty()
		period.Position = fold.Position
	}
	manifest, err := schema.DecodeManifest(fold.Changeset.Manifest)
	p.Edition = publishers.Edition{Position: fold.Position, Changeset: fold.Changeset, Manifest: manifest, State: &fold.State}
	return p, err
}

// addChangeset adds a changeset.
func (p *Period) addChangeset(e Entry, changes []*event.Change) {
	counted := len(p.Entries)
	p.add(e, changes)
	if len(p.Entries) == counted || len(p.Entries[counted].Bulk) == 0 {
		return
	}
	kept := make(map[schema.RecordID]bool)
	for _, c := range p.Entries[counted].Changes {
		kept[c.RecordID()] = true
	}
	for _, c := range changes {
		if !c.Republished && c.Bulk && c.Significance != event.Trivial && !kept[c.RecordID()] {
			p.bulk = append(p.bulk, bulkChange{e.Sequence, c.Op, c.Collection, topicsOf(c)})
		}
	}
}

// FilterTopics returns the changes of records that are or were on one of the
// topics; all changes if there are no topics.
func (p *Period) FilterTopics(topics []string) Pending {
	if len(topics) == 0 {
		return p.Pending
	}
	about := make(map[schema.RecordID]bool)
	for _, c := range p.AllChanges() {
		if isOn(topicsOf(c), topics) {
			about[c.RecordID()] = true
		}
	}
	out := NewPending(p.From)
	out.Position, out.Cut = p.Position, p.Cut
	for _, e := range p.Entries {
		some := *e
		some.Changes = slices.DeleteFunc(slices.Clone(e.Changes), func(c *event.Change) bool { return !about[c.RecordID()] })
		some.Bulk = p.countBulk(e.Sequence, topics)
		if len(some.Changes) > 0 || len(some.Bulk) > 0 {
			out.Entries = append(out.Entries, &some)
		}
	}
	return out
}

// countBulk counts the bulk changes of a changeset that are on one of the
// topics.
func (p *Period) countBulk(sequence event.Seq, topics []string) story.Tally {
	t := make(story.Tally)
	for _, b := range p.bulk {
		if b.sequence != sequence || !isOn(b.topics, topics) {
			continue
		}
		if t[b.op] == nil {
			t[b.op] = make(map[schema.Collection]int)
		}
		t[b.op][b.collection]++
	}
	return t
}

func isOn(some, topics []string) bool {
	return slices.ContainsFunc(some, func(topic string) bool { return slices.Contains(topics, topic) })
}

// topicsOf returns the topics of a record before and after a change.
func topicsOf(c *event.Change) []string {
	var all []string
	for _, data := range []json.RawMessage{c.Previous, c.Record} {
		var record struct {
			Topics []string `json:"topics"`
		}
		_ = json.Unmarshal(data, &record) // a record that cannot be decoded has none
		all = append(all, record.Topics...)
	}
	return all
}
