package feed

import (
	"slices"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// A past is the state as it was after an entry of an edition, whose own state
// is that after the last. An item names records as they were called when it
// came, however many entries an edition brings.
type past struct {
	now *schema.State
	was map[schema.RecordID]*schema.Record // what differs from now; nil where there was none
}

// before returns the state as it was before all of the entries.
func before(now *schema.State, entries []publishers.Entry) *past {
	p := &past{now, make(map[schema.RecordID]*schema.Record)}
	for _, entry := range slices.Backward(entries) {
		for _, c := range slices.Backward(entry.Changes) {
			p.set(c, (*event.Change).Before)
		}
	}
	return p
}

// advance goes on to the state after an entry.
func (p *past) advance(entry publishers.Entry) {
	for _, c := range entry.Changes {
		p.set(c, (*event.Change).After)
	}
}

func (p *past) set(c *event.Change, side func(*event.Change) (schema.Record, bool)) {
	if c.Republished {
		return // nothing changed
	}
	p.was[c.RecordID()] = nil
	if r, ok := side(c); ok {
		p.was[r.ID] = &r
	}
}

// Get returns a record as it was.
func (p *past) Get(id schema.RecordID) (schema.Record, bool) {
	if r, ok := p.was[id]; ok {
		if r == nil {
			return schema.Record{}, false
		}
		return *r, true
	}
	return p.now.Get(id)
}
