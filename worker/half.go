package worker

import (
	"netsync/schema"
	"netsync/schema/event"
)

// halfWritten is the published state together with the changes of a changeset
// that was begun and not completed: a large one is published in chunks, and
// its worker may have died between two. Readers do not count those changes
// yet, but they are in the stream and must not be published again.
type halfWritten struct {
	fold    *event.Fold
	pending map[schema.RecordID]event.Pending
}

func (w *Worker) halfWritten() halfWritten {
	h := halfWritten{w.fold, make(map[schema.RecordID]event.Pending)}
	for _, change := range w.fold.Pending() {
		h.pending[change.ID] = change
	}
	return h
}

func (h halfWritten) get(id schema.RecordID) schema.Stored {
	if change, ok := h.pending[id]; ok {
		return change.Record
	}
	return h.fold.State.Stored(id)
}

func (h halfWritten) removed(id schema.RecordID) bool {
	if change, ok := h.pending[id]; ok {
		return change.Op == event.Removed
	}
	return h.fold.Removed(id)
}

// bulk reports whether what was begun is a bulk import, which then goes on as
// one.
func (h halfWritten) bulk() bool {
	for _, change := range h.pending {
		if !change.Bulk {
			return false
		}
	}
	return len(h.pending) > 0
}
