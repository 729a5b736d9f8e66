package schema

import (
	"fmt"
	"strings"
	"sync"
	"unique"

	"github.com/klauspost/compress/s2"
)

// Stored is a record without its id, as it is kept in memory: compressed, and
// held once in the process by all who hold the same. Of a hundred thousand
// records few are looked at. The zero value is no record.
type Stored struct{ handle unique.Handle[stored] }

type stored struct {
	digest Digest
	packed string
}

// Store keeps a record.
func Store(r Record) Stored { return newStored(r.JSON, r.Digest) }

// StoreValue keeps the record that a normalized value is.
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
	*room = packed // it lies elsewhere where there was not room enough
	p := pages.Get().(*page)
	defer pages.Put(p)
	return Stored{unique.Make(stored{digest, p.addText(packed)})}
}

// A page has room for many short-lived texts. One by one, they would lie among
// those that stay, which are as long, and leave holes there when they go.
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
