package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"netsync/schema"
	"netsync/schema/event"
)

// A Snapshot is a dataset after one changeset.
type Snapshot struct {
	Dataset     string
	Changeset   string
	StateDigest schema.Digest // as the files announce it
	Manifest    json.RawMessage
	State       *schema.State
}

// A collectionFile is data/<collection>.json: it has the records or, for a large collection,
// lists the files that have them.
type collectionFile struct {
	Dataset     string        `json:"dataset"`
	Changeset   string        `json:"changeset"`
	StateDigest schema.Digest `json:"state_digest"`
	Parts       []string      `json:"parts"`
	records
}

// A partFile is one bucket of a large collection.
type partFile struct {
	Dataset string `json:"dataset"`
	Bucket  string `json:"bucket"`
	records
}

type records struct {
	Networks      []json.RawMessage `json:"networks"`
	Organizations []json.RawMessage `json:"organizations"`
	Activities    []json.RawMessage `json:"activities"`
}

func (r records) ofCollection(c schema.Collection) []json.RawMessage {
	switch c {
	case schema.Networks:
		return r.Networks
	case schema.Organizations:
		return r.Organizations
	}
	return r.Activities
}

// Read reads a snapshot from a folder of data files. It does not compare the state with the
// announced one; see Whole.
func Read(fsys fs.FS) (*Snapshot, error) {
	s := &Snapshot{State: &schema.State{}}
	manifest, err := fs.ReadFile(fsys, ManifestFile)
	if err != nil {
		return nil, fmt.Errorf("read a snapshot: %w", err)
	}
	if s.Manifest, err = schema.CanonicalJSON(manifest); err != nil {
		return nil, fmt.Errorf("read %s: %w", ManifestFile, err)
	}
	for n, c := range schema.Collections() {
		name := FileOf(c)
		var file collectionFile
		if err := readJSON(fsys, name, &file); err != nil {
			return nil, err
		}
		if n == 0 {
			s.Dataset, s.Changeset, s.StateDigest = file.Dataset, file.Changeset, file.StateDigest
		}
		if file.Dataset != s.Dataset || file.Changeset != s.Changeset || file.StateDigest != s.StateDigest {
			return nil, &MixedError{FileOf(schema.Collections()[0]), name}
		}
		if err := s.addRecords(c, name, file.ofCollection(c)); err != nil {
			return nil, err
		}
		for _, part := range file.Parts {
			var held partFile
			if err := readJSON(fsys, part, &held); err != nil {
				return nil, err
			}
			if err := s.addRecords(c, part, held.ofCollection(c)); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// A MixedError reports two files of different changesets.
type MixedError struct{ A, B string }

func (e *MixedError) Error() string {
	return fmt.Sprintf("read a snapshot: %s and %s are of different changesets", e.A, e.B)
}

func readJSON(fsys fs.FS, name string, v any) error {
	data, err := fs.ReadFile(fsys, name)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

func (s *Snapshot) addRecords(c schema.Collection, name string, all []json.RawMessage) error {
	for _, data := range all {
		var head struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(data, &head); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		id := schema.RecordID{Collection: c, ID: head.ID}
		if !id.Valid() {
			return fmt.Errorf("read %s: there is no record %q", name, id)
		}
		s.State.Put(schema.Record{ID: id, JSON: data, Digest: schema.DigestOf(data)})
	}
	return nil
}

// ErrNotWhole is returned by Whole for a snapshot that was changed, or written in part.
var ErrNotWhole = errors.New("the records are not those that the files announce")

// Whole compares the state with the one that the files announce.
func (s *Snapshot) Whole() error {
	if got := s.State.Digest(); got != s.StateDigest {
		return fmt.Errorf("%w: their digest is %s, not %s", ErrNotWhole, got, s.StateDigest)
	}
	return nil
}

// Apply applies a delta to a snapshot. After an error, if the delta does not begin at the
// snapshot, the snapshot must not be used.
func (s *Snapshot) Apply(d *Delta) error {
	if d.Dataset != s.Dataset || d.From.StateDigest != s.StateDigest || d.From.Changeset != s.Changeset {
		return fmt.Errorf("apply the delta %d..%d: it goes on from changeset %s of %s, and this is %s of %s",
			d.From.Sequence, d.To.Sequence, d.From.Changeset, d.Dataset, s.Changeset, s.Dataset)
	}
	for _, c := range d.Changes {
		id := c.RecordID()
		now, there := s.State.Get(id)
		if there != (c.PreviousDigest != nil) || there && now.Digest != *c.PreviousDigest {
			return fmt.Errorf("apply the delta %d..%d: %s is not what the delta goes on from", d.From.Sequence, d.To.Sequence, id)
		}
		if c.Digest == nil {
			s.State.Remove(id)
		} else {
			s.State.Put(schema.Record{ID: id, JSON: c.Record, Digest: *c.Digest})
		}
	}
	s.Changeset, s.StateDigest = d.To.Changeset, d.To.StateDigest
	if d.Manifest != nil {
		s.Manifest = d.Manifest
	}
	if err := s.Whole(); err != nil {
		return fmt.Errorf("apply the delta %d..%d: %w", d.From.Sequence, d.To.Sequence, err)
	}
	return nil
}

// FileOf returns the name of the file of a collection.
func FileOf(c schema.Collection) string { return string(c) + ".json" }

// PartOf returns the name of the file of a bucket of a large collection. Parts have a folder
// without files of records: networks/parts.json is the record "parts", networks/parts/ is not.
func PartOf(c schema.Collection, bucket int, ext string) string {
	return fmt.Sprintf("%s/parts/%02x.%s", c, bucket, ext)
}

// Buckets is the number of parts of a large collection: the buckets of the state's digest.
const Buckets = 256

// Files returns the files of a snapshot by name; a collection with more records than large is
// in parts.
func (s *Snapshot) Files(large int) map[string][]byte {
	files := map[string][]byte{ManifestFile: s.Manifest}
	heading := Heading(event.Position{Dataset: s.Dataset, Changeset: s.Changeset, StateDigest: s.StateDigest})
	for _, c := range schema.Collections() {
		sorted := s.State.Sorted(c)
		if len(sorted) <= large {
			files[FileOf(c)] = encodeRecords(heading, c, sorted)
			continue
		}
		var buckets [Buckets][]schema.Record
		for _, r := range sorted {
			n := schema.BucketOf(r.ID)
			buckets[n] = append(buckets[n], r)
		}
		for n, held := range buckets {
			files[PartOf(c, n, "json")] = encodeRecords(BucketHeading(s.Dataset, n), c, held)
		}
		files[FileOf(c)] = EncodeParts(heading, c, "json")
	}
	return files
}

func encodeRecords(heading []byte, c schema.Collection, all []schema.Record) []byte {
	var b bytes.Buffer
	file := BeginRecords(&b, heading, c)
	for _, r := range all {
		file.Add(r.JSON)
	}
	file.End()
	return b.Bytes()
}
