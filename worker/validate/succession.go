package validate

import (
	"slices"
	"strings"

	"netsync/schema"
	"netsync/worker/snapshot"
)

// successorPointer is the JSON pointer of the successor of a network.
const successorPointer = "/membership/successor"

func successorOf(f *snapshot.File) (ref snapshot.Ref, ok bool) {
	for ref := range f.Refs() {
		if ref.Pointer == successorPointer {
			return ref, true
		}
	}
	return snapshot.Ref{}, false
}

// checkSuccession reports a network whose successors lead back to it.
func (r *relations) checkSuccession(f *snapshot.File) (schema.Finding, bool) {
	first, ok := successorOf(f)
	if !ok || !r.inCircle(f.ID) {
		return schema.Finding{}, false
	}
	return successionCycle.newFinding(f.Path, first.Range, f.ID, successorPointer,
		"the successors lead in a circle: "+strings.Join(r.findCircle(f.ID), " → ")), true
}

// inCircle follows the successors of a network that were not followed yet.
func (r *relations) inCircle(start schema.RecordID) bool {
	var chain []schema.RecordID
	id, ok := start, true
	for ok {
		if _, seen := r.circles[id]; seen {
			break
		}
		r.circles[id] = false // until the chain comes back to it
		chain = append(chain, id)
		id, ok = r.nextOf(id)
	}
	if i := slices.Index(chain, id); ok && i >= 0 {
		for _, member := range chain[i:] {
			r.circles[member] = true
		}
	}
	return r.circles[start]
}

func (r *relations) nextOf(id schema.RecordID) (schema.RecordID, bool) {
	f := r.s.FileOf(id)
	if f == nil {
		return schema.RecordID{}, false
	}
	ref, ok := successorOf(f)
	return ref.Record, ok
}

// findCircle returns the networks of a circle in order, or the first of many.
func (r *relations) findCircle(start schema.RecordID) []string {
	const shown = 8
	names := []string{start.ID}
	for id, ok := r.nextOf(start); ok && id != start; id, ok = r.nextOf(id) {
		if len(names) == shown {
			names = append(names, "…")
			break
		}
		names = append(names, id.ID)
	}
	return append(names, start.ID)
}

// predecessorsOf returns the files of the networks whose successors lead to one.
func predecessorsOf(s *snapshot.Snapshot, id schema.RecordID) []string {
	if id.Collection != schema.Networks {
		return nil
	}
	var paths []string
	seen := map[schema.RecordID]bool{id: true}
	for queue := []schema.RecordID{id}; len(queue) > 0; queue = queue[1:] {
		for _, path := range s.Referrers(snapshot.Target{Record: queue[0]}) {
			f := s.File(path)
			if ref, ok := successorOf(f); !ok || ref.Record != queue[0] || seen[f.ID] {
				continue
			}
			seen[f.ID] = true
			paths, queue = append(paths, path), append(queue, f.ID)
		}
	}
	return paths
}
