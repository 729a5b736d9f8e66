package schema

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"slices"
	"sync"
)

// buckets is the number of buckets that a state's digest is made of.
const buckets = 256

// A State is the set of records of a dataset at one moment. The zero value is
// the empty set. It must not be used concurrently with a change.
//
// Its digest has two levels, so that a change costs one bucket and two parties
// can find where they differ:
//
//   - a record's line is "<collection>/<id> <digest>\n";
//   - its bucket is the first byte of SHA-256 of "<collection>/<id>";
//   - a bucket's digest is the hexadecimal SHA-256 over its sorted lines;
//   - the state's digest is "sha256:" and the hexadecimal SHA-256 over the 256
//     lines "<bucket> <bucket digest>\n" from 00 to ff.
type State struct {
	buckets [buckets]bucket
	size    int
}

type bucket struct {
	records map[RecordID]Stored
	digest  string // "" when it must be computed again
}

// BucketOf returns the bucket of a record, 0 to 255.
func BucketOf(id RecordID) int {
	return int(sha256.Sum256([]byte(id.String()))[0])
}

// Put adds a record or replaces the one with the same id.
func (s *State) Put(r Record) { s.PutStored(r.ID, Store(r)) }

// PutStored is Put of a stored record.
func (s *State) PutStored(id RecordID, r Stored) {
	b := &s.buckets[BucketOf(id)]
	if b.records == nil {
		b.records = make(map[RecordID]Stored)
	}
	if _, ok := b.records[id]; !ok {
		s.size++
	}
	b.records[id] = r
	b.digest = ""
}

// Remove removes a record, if there is one.
func (s *State) Remove(id RecordID) {
	b := &s.buckets[BucketOf(id)]
	if _, ok := b.records[id]; !ok {
		return
	}
	delete(b.records, id)
	b.digest = ""
	s.size--
}

// Get returns a record.
func (s *State) Get(id RecordID) (Record, bool) {
	r := s.Stored(id)
	return r.Record(id), !r.IsZero()
}

// Stored returns a record as stored; zero if there is none.
func (s *State) Stored(id RecordID) Stored { return s.buckets[BucketOf(id)].records[id] }

// Digests yields the ids and digests of the records in no particular order.
func (s *State) Digests() iter.Seq2[RecordID, Digest] {
	return func(yield func(RecordID, Digest) bool) {
		for i := range s.buckets {
			for id, r := range s.buckets[i].records {
				if !yield(id, r.Digest()) {
					return
				}
			}
		}
	}
}

// Len returns the number of records.
func (s *State) Len() int { return s.size }

// Count returns the number of records of a collection.
func (s *State) Count(c Collection) int {
	n := 0
	for id := range s.Digests() {
		if id.Collection == c {
			n++
		}
	}
	return n
}

// All yields the records in no particular order.
func (s *State) All() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for i := range s.buckets {
			for id, r := range s.buckets[i].records {
				if !yield(r.Record(id)) {
					return
				}
			}
		}
	}
}

// Sorted returns the records of a collection by id or, if c is "", of all
// collections by collection and id.
func (s *State) Sorted(c Collection) []Record {
	var records []Record
	for r := range s.All() {
		if c == "" || r.ID.Collection == c {
			records = append(records, r)
		}
	}
	slices.SortFunc(records, func(a, b Record) int { return a.ID.Compare(b.ID) })
	return records
}

// A Trial computes the digest that a state would have after changes. The state
// must not change meanwhile.
type Trial struct {
	of      *State
	changed [buckets]map[RecordID]Digest // "" for a removed record
	digests [buckets]string              // "" when one must be computed again
	size    int
}

// Try begins a trial.
func (s *State) Try() *Trial { return &Trial{of: s, size: s.size} }

// Put adds a record with a digest or replaces the one with the same id; a
// digest of "" removes it.
func (t *Trial) Put(id RecordID, digest Digest) {
	i := BucketOf(id)
	before, ok := t.changed[i][id]
	if !ok {
		before = t.of.buckets[i].records[id].Digest()
	}
	switch {
	case before == "" && digest != "":
		t.size++
	case before != "" && digest == "":
		t.size--
	}
	if t.changed[i] == nil {
		t.changed[i] = make(map[RecordID]Digest)
	}
	t.changed[i][id] = digest
	t.digests[i] = ""
}

// Digest returns the digest of the set.
func (t *Trial) Digest() Digest {
	return digestOf(func(i int) string {
		if t.changed[i] == nil {
			return t.of.BucketDigest(i)
		}
		if t.digests[i] == "" {
			t.digests[i] = t.of.buckets[i].digestWith(t.changed[i])
		}
		return t.digests[i]
	})
}

// Len returns the number of records.
func (t *Trial) Len() int { return t.size }

// BucketDigest returns the digest of bucket i, in hexadecimal.
func (s *State) BucketDigest(i int) string {
	b := &s.buckets[i]
	if b.digest == "" {
		b.digest = b.digestWith(nil)
	}
	return b.digest
}

// Digest returns the digest of the whole set.
func (s *State) Digest() Digest { return digestOf(s.BucketDigest) }

// digestOf computes the digest of a state from those of its buckets.
func digestOf(bucket func(i int) string) Digest {
	lines := make([]byte, 0, buckets*len("00 \n")+buckets*hex.EncodedLen(sha256.Size))
	for i := range buckets {
		lines = hex.AppendEncode(lines, []byte{byte(i)})
		lines = append(lines, ' ')
		lines = append(lines, bucket(i)...)
		lines = append(lines, '\n')
	}
	return DigestOf(lines)
}

// digestWith computes the digest of a bucket, with the digests in changed
// replacing those of the bucket; "" stands for a removed record.
func (b *bucket) digestWith(changed map[RecordID]Digest) string {
	l := linesRoom.Get().(*lines)
	defer linesRoom.Put(l)
	l.text, l.ends = l.text[:0], l.ends[:0]
	for id, r := range b.records {
		if _, ok := changed[id]; !ok {
			l.add(id, r.Digest())
		}
	}
	for id, digest := range changed {
		if digest != "" {
			l.add(id, digest)
		}
	}
	return l.hashLines()
}

// lines are the input of a bucket's digest, in a reused buffer: a bucket of a
// large state has hundreds, and each change computes its digest again.
type lines struct {
	text   []byte
	ends   []int // of the lines, as they were added
	sorted [][]byte
}

var linesRoom = sync.Pool{New: func() any { return new(lines) }}

func (l *lines) add(id RecordID, digest Digest) {
	l.text = append(l.text, id.Collection...)
	l.text = append(l.text, '/')
	l.text = append(l.text, id.ID...)
	l.text = append(l.text, ' ')
	l.text = append(l.text, digest...)
	l.text = append(l.text, '\n')
	l.ends = append(l.ends, len(l.text))
}

func (l *lines) hashLines() string {
	l.sorted = l.sorted[:0]
	from := 0
	for _, end := range l.ends {
		l.sorted = append(l.sorted, l.text[from:end])
		from = end
	}
	slices.SortFunc(l.sorted, bytes.Compare)
	sum := sha256.New()
	for _, line := range l.sorted {
		sum.Write(line)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
