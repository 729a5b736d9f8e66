package schema

import (
	"fmt"
	"strings"
	"sync"
	"unique"

	"github.com/klauspost/compress/s2"
)

// Stored is a record without its id, kept in memory compressed and shared by
// all equal records of the process: few of a hundred thousand are ever read.
// The zero value is no record.
type Stored struct{ handle unique.Handle[stored] }

type stored struct {
	digest Digest
	packed string
}

// Store returns a record in its stored form.
func Store(r Record) Stored { return newStored(r.JSON, r.Digest) }

// StoreValue stores the record of a normalized value.
func StoreValue(id RecordID, value any) (s Stored, err error) {
	err = withCanonical(value, func(data []byte) { s = newStored(data, DigestOf(data)) })
	if err != nil {
		return s, fmt.Errorf("canonical form of %s: %w", id, err)
	}
	return s, nil
}

func newStored(data []byte, digest Digest) Stored {
	room := scratch.Get().(*[]byte)
	defer scratch.Put(room)
	packed := s2.EncodeBetter((*room)[:cap(*room)], data)
	*room = packed // compression may have reallocated it
	p := pages.Get().(*page)
	defer pages.Put(p)
	return Stored{unique.Make(stored{digest, p.addText(packed)})}
}

// A page holds many short-lived texts together. Allocated one by one among
// long-lived ones of the same size, they would leave holes.
type page struct{ b strings.Builder }

const pageSize = 64 << 10

var pages = sync.Pool{New: func() any { return new(page) }}

// addText returns data as a string in the page.
func (p *page) addText(data []byte) string {
	if p.b.Cap()-p.b.Len() < len(data) {
		p.b = strings.Builder{}
		p.b.Grow(max(pageSize, len(data)))
	}
	from := p.b.Len()
	p.b.Write(data)
	return p.b.String()[from:]
}

// IsZero reports whether s is no record.
func (s Stored) IsZero() bool { return s == Stored{} }

// Digest returns the digest of the record.
func (s Stored) Digest() Digest {
	if s.IsZero() {
		return ""
	}
	return s.handle.Value().digest
}

// Record returns the record, with its id.
func (s Stored) Record(id RecordID) Record {
	if s.IsZero() {
		return Record{}
	}
	v := s.handle.Value()
	data, err := s2.Decode(nil, []byte(v.packed))
	if err != nil {
		panic(fmt.Sprintf("schema: %s was damaged in memory: %v", id, err))
	}
	return Record{ID: id, JSON: data, Digest: v.digest}
}
