package website

import (
	"sync"

	"netsync/schema"
)

// A reading is a record of the edition, unpacked, and decoded once for all the
// files that are made of it. What it gives must not be changed.
type reading struct {
	schema.Record
	once  sync.Once
	value any
	err   error
}

// readings remembers the last of them, since the files of one record are made
// one after another.
type readings struct {
	mu   sync.Mutex
	last [16]*reading
	next int
}

// read reads a record that the edition has.
func (i *issue) read(id schema.RecordID) *reading {
	all := &i.readings
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, r := range all.last {
		if r != nil && r.ID == id {
			return r
		}
	}
	record, _ := i.edition.State.Get(id)
	r := &reading{Record: record}
	all.last[all.next] = r
	all.next = (all.next + 1) % len(all.last)
	return r
}

// decodeAs decodes a record, which is of one type however often it is asked for.
func decodeAs[T schema.Network | schema.Organization | schema.Activity](r *reading) (*T, error) {
	r.once.Do(func() {
		var v T
		v, r.err = schema.Decode[T](r.Record)
		r.value = &v
	})
	v, _ := r.value.(*T)
	return v, r.err
}
