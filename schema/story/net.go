package story

import (
	"maps"
	"slices"

	"netsync/schema"
	"netsync/schema/event"
)

// A NetChange is the net effect of a series of changes on one record.
type NetChange struct {
	ID            schema.RecordID
	Before, After schema.Record
	// HasBefore and HasAfter report whether the record existed before and after
	// the series. One is true.
	HasBefore, HasAfter bool
	Changes             []*event.Change // of the record, oldest first
}

// Net returns the net effect of changes, given in stream order, sorted by
// record. It omits records without a net effect, and republished changes.
func Net(changes []*event.Change) []NetChange {
	byRecord := make(map[schema.RecordID][]*event.Change)
	for _, c := range changes {
		if !c.Republished {
			byRecord[c.RecordID()] = append(byRecord[c.RecordID()], c)
		}
	}
	var all []NetChange
	for _, id := range slices.SortedFunc(maps.Keys(byRecord), schema.RecordID.Compare) {
		if n := netOf(id, byRecord[id]); n.hasEffect() {
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

func (n NetChange) hasEffect() bool {
	return n.HasBefore != n.HasAfter || n.Before.Digest != n.After.Digest
}
