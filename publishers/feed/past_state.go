package feed

import (
	"slices"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// A pastState is the dataset's state after an entry of an edition. The edition
// itself has the state after its last entry only, but an item names records as
// they were named at its own changeset.
type pastState struct {
	current *schema.State
	changed map[schema.RecordID]*schema.Record // records that differ from current; nil if there was none
}

// stateBefore returns the state before the first of the entries, given the state
// after the last.
func stateBefore(now *schema.State, entries []publishers.Entry) *pastState {
	p := &pastState{now, make(map[schema.RecordID]*schema.Record)}
	for _, entry := range slices.Backward(entries) {
		for _, c := range slices.Backward(entry.Changes) {
			p.setVersion(c, (*event.Change).Before)
		}
	}
	return p
}

// applyEntry moves the state past an entry.
func (p *pastState) applyEntry(entry publishers.Entry) {
	for _, c := range entry.Changes {
		p.setVersion(c, (*event.Change).After)
	}
}

func (p *pastState) setVersion(c *event.Change, side func(*event.Change) (schema.Record, bool)) {
	if c.Republished {
		return // nothing changed
	}
	p.changed[c.RecordID()] = nil
	if r, ok := side(c); ok {
		p.changed[r.ID] = &r
	}
}

// Get returns a record of the past state.
func (p *pastState) Get(id schema.RecordID) (schema.Record, bool) {
	if r, ok := p.changed[id]; ok {
		if r == nil {
			return schema.Record{}, false
		}
		return *r, true
	}
	return p.current.Get(id)
}
