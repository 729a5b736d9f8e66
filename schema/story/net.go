package story

import (
	"maps"
	"slices"

	"netsync/schema"
	"netsync/schema/event"
)

// A NetChange is what a series of changes comes to for one record.
type NetChange struct {
	ID            schema.RecordID
	Before, After schema.Record
	// HasBefore and HasAfter are false where the record was not there
	// before the series, or is not there after it; never both.
	HasBefore, HasAfter bool
	Changes             []*event.Change // those of the record, oldest first
}

// Net returns the net effect of changes, given in stream order, sorted by
// record. A record that came and went, or is again what it was, is left out,
// and republished changes are passed over.
func Net(changes []*event.Change) []NetChange {
	byRecord := make(map[schema.RecordID][]*event.Change)
	for _, c := range changes {
		if !c.Republished {
			byRecord[c.RecordID()] = append(byRecord[c.RecordID()], c)
		}
	}
	var all []NetChange
	for _, id := range slices.SortedFunc(maps.Keys(byRecord), schema.RecordID.Compare) {
		if n := netOf(id, byRecord[id]); n.changed() {
			all = append(all, n)
		}
	}
	return all
}

func netOf(id schema.RecordID, changes []*event.Change) NetChange {
	n := NetChange{ID: id, Changes: changes}
	n.Before, n.HasBefore = changes[0].Before()
	n.After, n.HasAfter = changes[len(changes)-1].After()
	return n
}

func (n NetChange) changed() bool {
	return n.HasBefore != n.HasAfter || n.Before.Digest != n.After.Digest
}
