package snapshot

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"unique"

	"netsync/schema"
)

// A Snapshot is a dataset at one commit, or in a working tree. It is updated in
// place; between updates it does not change.
type Snapshot struct {
	// Manifest is nil if there is no readable one.
	Manifest *schema.Manifest
	// ManifestFile is the manifest's file, or nil.
	ManifestFile *File
	// AsOf is the day for which states are derived.
	AsOf schema.Day

	files     map[string]*File       // by path
	filesByID index[schema.RecordID] // paths of a record
	referrers index[target]          // paths of the files that refer to a record or image
	aliases   index[schema.RecordID] // paths of the records with the alias
	misnamed  index[schema.RecordID] // paths that were meant to be of the record
	manifests pathSet                // more than one is an error
	images    map[string]*File       // valid ones, by path
	claimants *claimants
}

// A Delta describes an update.
type Delta struct {
	// Records are the records whose files were read, added or removed.
	Records map[schema.RecordID]struct{}
	// Paths are the files that were read, added or removed.
	Paths map[string]struct{}
	// Manifest is set if the manifest was read, added or removed.
	Manifest bool
	// Assets is set if an image was read, added or removed.
	Assets bool
	// All is set if everything was read.
	All bool
	// claims are the hashes of added and removed claims; empty if all files are
	// checked anyway.
	claims map[uint64]struct{}
}

func newSnapshot() *Snapshot {
	return &Snapshot{
		files:     make(map[string]*File),
		filesByID: make(index[schema.RecordID]),
		referrers: make(index[target]),
		aliases:   make(index[schema.RecordID]),
		misnamed:  make(index[schema.RecordID]),
		claimants: newClaimants(),
		images:    make(map[string]*File),
	}
}

// reserveMemory reserves memory for a number of files in an empty snapshot.
func (s *Snapshot) reserveMemory(files int) {
	s.files = make(map[string]*File, files)
	s.filesByID = make(index[schema.RecordID], files)
	s.claimants.single = make(map[uint64]*File, 4*files) // an id, a name, a page and a path
}

func newDelta() *Delta {
	return &Delta{
		Records: make(map[schema.RecordID]struct{}),
		Paths:   make(map[string]struct{}),
		claims:  make(map[uint64]struct{}),
	}
}

// Add adds another update.
func (d *Delta) Add(other *Delta) {
	maps.Copy(d.Records, other.Records)
	maps.Copy(d.Paths, other.Paths)
	maps.Copy(d.claims, other.claims)
	d.Manifest = d.Manifest || other.Manifest
	d.Assets = d.Assets || other.Assets
	d.All = d.All || other.All
}

// Len returns the number of files.
func (s *Snapshot) Len() int { return len(s.files) }

// File returns the file at a path, or nil.
func (s *Snapshot) File(name string) *File { return s.files[name] }

// Paths returns the paths of all files, sorted.
func (s *Snapshot) Paths() []string { return slices.Sorted(maps.Keys(s.files)) }

// Get returns the record with an id. If several files claim it, the first by
// path wins.
func (s *Snapshot) Get(id schema.RecordID) (schema.Record, bool) {
	r := s.Stored(id)
	return r.Record(id), !r.IsZero()
}

// Stored returns the record with an id in its stored form, or zero.
func (s *Snapshot) Stored(id schema.RecordID) schema.Stored {
	if f := s.FileOf(id); f != nil {
		return f.Stored
	}
	return schema.Stored{}
}

// FileOf returns the file of a record, or nil. If several files claim the id,
// the first by path wins.
func (s *Snapshot) FileOf(id schema.RecordID) *File {
	paths := s.PathsOf(id)
	if len(paths) == 0 {
		return nil
	}
	return s.files[paths[0]]
}

// PathsOf returns the paths of the files that claim an id, sorted.
func (s *Snapshot) PathsOf(id schema.RecordID) []string { return s.filesByID[id].sortedPaths() }

// ManifestPaths returns the paths of all manifests, sorted; there should be
// one.
func (s *Snapshot) ManifestPaths() []string { return s.manifests.sortedPaths() }

// Assets returns the paths of the images, sorted.
func (s *Snapshot) Assets() []string {
	var paths []string
	for name, f := range s.files {
		if f.Role == Asset {
			paths = append(paths, name)
		}
	}
	slices.Sort(paths)
	return paths
}

// Referrers returns the paths of the files that refer to a record or an image,
// sorted.
func (s *Snapshot) Referrers(t Target) []string { return s.referrers[unique.Make(t)].sortedPaths() }

// AliasOf returns the record that has an id as an alias, if any.
func (s *Snapshot) AliasOf(id schema.RecordID) (current schema.RecordID, ok bool) {
	found := s.aliases[id].sortedPaths()
	if len(found) == 0 {
		return schema.RecordID{}, false
	}
	return s.files[found[0]].ID, true
}

// IDs returns the ids of all records, sorted.
func (s *Snapshot) IDs() []schema.RecordID {
	ids := slices.AppendSeq(make([]schema.RecordID, 0, len(s.filesByID)), maps.Keys(s.filesByID))
	slices.SortFunc(ids, schema.RecordID.Compare)
	return ids
}

// OtherClaimants yields the other files that may make the same claim as a file, by
// path.
func (s *Snapshot) OtherClaimants(f *File, claim Claim) iter.Seq[*File] {
	return func(yield func(*File) bool) {
		for _, other := range s.claimants.shared[s.claimants.hashClaim(f.ID.Collection, claim)] {
			if other != f && !yield(other) {
				return
			}
		}
	}
}

// AffectedClaimants returns the paths of the files whose claims may equal those that
// an update added or removed, in undefined order.
func (s *Snapshot) AffectedClaimants(d *Delta) []string {
	var paths []string
	for h := range d.claims {
		for _, f := range s.claimants.filesOf(h) {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// put adds a file, or replaces the one at the same path.
func (s *Snapshot) put(f *File, delta *Delta) {
	s.removeFile(f.Path, delta)
	delta.Paths[f.Path] = struct{}{}
	s.files[f.Path] = f
	for _, ref := range f.refs {
		if ref.isIndexed() {
			s.referrers.add(ref.target, f.Path)
		}
	}
	for claim := range f.Claims() {
		s.claimants.add(f, s.addClaim(f, claim, delta))
	}
	if id := meantRecord(f); id != (schema.RecordID{}) {
		delta.Records[id] = struct{}{}
		s.misnamed.add(id, f.Path)
	}
	switch f.Role {
	case Manifest:
		s.manifests.add(f.Path)
		delta.Manifest = true
		return
	case Asset:
		s.changeImage(f.Path, f, delta)
		return
	case Record:
	default:
		return
	}
	delta.Records[f.ID] = struct{}{}
	s.filesByID.add(f.ID, f.Path)
	for _, alias := range f.Aliases {
		s.aliases.add(schema.RecordID{Collection: f.ID.Collection, ID: alias}, f.Path)
	}
}

// addClaim returns the hash of an added or removed claim, and adds it to delta
// unless all files are checked anyway.
func (s *Snapshot) addClaim(f *File, claim Claim, delta *Delta) uint64 {
	h := s.claimants.hashClaim(f.ID.Collection, claim)
	if !delta.All {
		delta.claims[h] = struct{}{}
	}
	return h
}

func (s *Snapshot) removeFile(name string, delta *Delta) {
	f := s.files[name]
	if f == nil {
		return
	}
	delta.Paths[name] = struct{}{}
	delete(s.files, name)
	for _, ref := range f.refs {
		if ref.isIndexed() {
			s.referrers.remove(ref.target, name)
		}
	}
	for claim := range f.Claims() {
		s.claimants.remove(f, s.addClaim(f, claim, delta))
	}
	if id := meantRecord(f); id != (schema.RecordID{}) {
		delta.Records[id] = struct{}{}
		s.misnamed.remove(id, name)
	}
	switch f.Role {
	case Manifest:
		s.manifests.remove(name)
		delta.Manifest = true
		return
	case Asset:
		s.changeImage(name, nil, delta)
		return
	case Record:
	default:
		return
	}
	delta.Records[f.ID] = struct{}{}
	s.filesByID.remove(f.ID, name)
	for _, alias := range f.Aliases {
		s.aliases.remove(schema.RecordID{Collection: f.ID.Collection, ID: alias}, name)
	}
}

// Rederive updates fields derived from dates to a new day, and returns what may
// have changed.
func (s *Snapshot) Rederive(day schema.Day) (*Delta, error) {
	delta := newDelta()
	s.AsOf = day
	for name, f := range s.files {
		if !f.Dated || f.Stored.IsZero() {
			continue
		}
		record, err := s.Renew(f.Record())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if record.Digest != f.Stored.Digest() {
			renewed := *f
			renewed.Stored = schema.Store(record)
			if value, err := record.Value(); err == nil {
				renewed.Status = schema.StatusOn(f.ID.Collection, value, day)
			}
			s.put(&renewed, delta)
		}
	}
	return delta, nil
}

// Renew updates the fields of a record that are derived from dates to the
// snapshot's day.
func (s *Snapshot) Renew(r schema.Record) (schema.Record, error) {
	value, err := r.Value()
	if err != nil {
		return schema.Record{}, err
	}
	return schema.NewRecord(r.ID, schema.Normalize(r.ID.Collection, value, s.schemaContext()))
}

func (s *Snapshot) schemaContext() schema.Context {
	return schema.Context{Language: s.Manifest.DefaultLanguage(), Languages: s.Manifest.Languages, AsOf: s.AsOf}
}

// ManifestJSON returns the manifest in its published, canonical form.
func (s *Snapshot) ManifestJSON() json.RawMessage { return s.ManifestFile.Record().JSON }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func formatIndex(i int) string { return strconv.Itoa(i) }
