package website

import (
	"sync"

	"netsync/schema"
)

// decoded remembers the records that were decoded last, since the files of one
// are made one after another. What it gives must not be changed.
type decoded struct {
	mu   sync.Mutex
	last [16]struct {
		id    schema.RecordID
		value any
	}
	next int
}

func (d *decoded) get(id schema.RecordID) any {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, entry := range d.last {
		if entry.id == id {
			return entry.value
		}
	}
	return nil
}

func (d *decoded) put(id schema.RecordID, value any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last[d.next].id, d.last[d.next].value = id, value
	d.next = (d.next + 1) % len(d.last)
}

// decodeRecord decodes a record of the edition.
func decodeRecord[T schema.Network | schema.Organization | schema.Activity](i *issue, r schema.Record) (*T, error) {
	if known, ok := i.decoded.get(r.ID).(*T); ok {
		return known, nil
	}
	v, err := schema.Decode[T](r)
	if err != nil {
		return nil, err
	}
	i.decoded.put(r.ID, &v)
	return &v, nil
}
