package worker

import (
	"netsync/schema"
	"netsync/schema/event"
)

// partialState is the published state with the changes of an incomplete
// changeset: a large one is published in batches, and its worker may have
// stopped between two. Readers ignore these changes, but they are in the stream
// and must not be published again.
type partialState struct {
	fold    *event.Fold
	pending map[schema.RecordID]event.Pending
}

func (w *Worker) partialState() partialState {
	s := partialState{w.fold, make(map[schema.RecordID]event.Pending)}
	for _, change := range w.fold.Pending() {
		s.pending[change.ID] = change
	}
	return s
}

func (s partialState) get(id schema.RecordID) schema.Stored {
	if change, ok := s.pending[id]; ok {
		return change.Record
	}
	return s.fold.State.Stored(id)
}

func (s partialState) isRemoved(id schema.RecordID) bool {
	if change, ok := s.pending[id]; ok {
		return change.Op == event.Removed
	}
	return s.fold.Removed(id)
}

// isBulk reports whether the incomplete changeset is a bulk import.
func (s partialState) isBulk() bool {
	for _, change := range s.pending {
		if !change.Bulk {
			return false
		}
	}
	return len(s.pending) > 0
}
