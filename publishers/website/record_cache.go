package website

import (
	"sync"

	"netsync/schema"
)

// A decodedRecord is a record that is decoded once for all files rendered from
// it. The decoded value must not be modified.
type decodedRecord struct {
	schema.Record
	once  sync.Once
	value any
	err   error
}

// recordCache holds the records read last, since the files of a record are
// rendered one after another.
type recordCache struct {
	mu   sync.Mutex
	last [16]*decodedRecord
	next int
}

// readRecord returns a record of the edition.
func (b *build) readRecord(id schema.RecordID) *decodedRecord {
	all := &b.records
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, r := range all.last {
		if r != nil && r.ID == id {
			return r
		}
	}
	record, _ := b.edition.State.Get(id)
	r := &decodedRecord{Record: record}
	all.last[all.next] = r
	all.next = (all.next + 1) % len(all.last)
	return r
}

// decodeAs decodes a record. T must be the same in each call for a record.
func decodeAs[T schema.Network | schema.Organization | schema.Activity](r *decodedRecord) (*T, error) {
	r.once.Do(func() {
		var v T
		v, r.err = schema.Decode[T](r.Record)
		r.value = &v
	})
	v, _ := r.value.(*T)
	return v, r.err
}
