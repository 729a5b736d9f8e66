package website

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"sync"

	"netsync/publishers/snapshot"
	"netsync/schema"
)

// planData adds what programs read.
func (i *issue) planData(all *plan, due *due) {
	all.add(logFile, func() ([]byte, error) { return encodeLog(i.history.log) })
	all.add(modifiedFile, func() ([]byte, error) { return i.history.encodeModified(), nil })
	all.add(removedFile, func() ([]byte, error) { return i.history.encodeRemoved(i.edition.Position.Dataset) })
	all.add("data/index.json", func() ([]byte, error) { return i.dataIndex() })
	i.planDeltas(all, due)
	if due.everything {
		all.add("data/"+snapshot.ManifestFile, i.manifestFile)
		planSchemas(all)
	}
	for _, c := range schema.Collections() {
		for _, format := range formats {
			i.planCollection(all, c, format, due)
		}
	}
	all.add(archiveFile(i.edition.Position.Dataset), func() ([]byte, error) { return i.archive(due) })
}

func (i *issue) manifestFile() ([]byte, error) {
	manifest, err := json.Marshal(i.edition.Changeset.Manifest)
	if err != nil {
		return nil, fmt.Errorf("encode the manifest: %w", err)
	}
	return schema.CanonicalJSON(manifest)
}

// A format is one way to write many records into a file.
type format struct {
	ext       string
	mediaType string
	write     func(i *issue, b *bytes.Buffer, c schema.Collection, heading []byte, cards []*card) error
	// headed says that a file tells what it is of.
	headed bool
	// linked says that it shows the names of other records, too.
	linked bool
	// archived says that the archive has it.
	archived bool
}

var formats = []format{
	{"json", "application/json", (*issue).writeJSON, true, false, true},
	{"csv", "text/csv", (*issue).writeCSV, false, false, true},
	{"jsonld", "application/ld+json", (*issue).writeLinked, false, true, false},
}

// planCollection adds data/<collection>.<ext>.
func (i *issue) planCollection(all *plan, c schema.Collection, f format, due *due) {
	name := "data/" + string(c) + "." + f.ext
	if !i.catalog.large(c) {
		// A file that tells which state it is of is new each time.
		if f.headed || due.everything || due.collection(c, f) {
			all.add(name, i.whole(c, f).write)
		}
		return
	}
	parts := due.partsOf(f)
	for bucket := range snapshot.Buckets {
		if due.everything || parts[part{c, bucket}] {
			all.add("data/"+snapshot.PartOf(c, bucket, f.ext), func() ([]byte, error) {
				return i.collectionFile(f, c, i.bucketHeading(bucket), i.catalog.lists[partList(c, bucket)])
			})
		}
	}
	if f.headed {
		all.add(name, func() ([]byte, error) { return snapshot.EncodeParts(i.stateHeading(), c, f.ext), nil })
	}
}

// whole is the file with all records of a collection in a format.
func (i *issue) whole(c schema.Collection, f format) *wholeFile {
	name := string(c) + "." + f.ext
	if i.wholes[name] == nil {
		i.wholes[name] = &wholeFile{name: name, archived: f.archived, render: func() ([]byte, error) {
			return i.collectionFile(f, c, i.stateHeading(), i.catalog.sorted(c))
		}}
	}
	return i.wholes[name]
}

// A wholeFile is written, packed into the archive, or both. It is rendered
// once, and not kept for longer than it takes to pack it.
type wholeFile struct {
	name     string
	archived bool
	render   func() ([]byte, error)

	once   sync.Once
	data   []byte // until it is written
	packed *packedFile
	err    error
}

func (w *wholeFile) make() {
	w.once.Do(func() {
		if w.data, w.err = w.render(); w.err == nil && w.archived {
			w.packed, w.err = packFile(w.name, w.data)
		}
	})
}

// write gives the file, once.
func (w *wholeFile) write() ([]byte, error) {
	w.make()
	data := w.data
	w.data = nil
	return data, w.err
}

// pack gives the file as it lies in the archive.
func (w *wholeFile) pack() (*packedFile, error) {
	w.make()
	return w.packed, w.err
}

// partsOf are the parts that are due in a format.
func (d *due) partsOf(f format) map[part]bool {
	if !f.linked {
		return d.parts
	}
	parts := maps.Clone(d.parts)
	for id := range d.records { // those whose pages are due, for the same reason
		parts[part{id.Collection, schema.BucketOf(id)}] = true
	}
	return parts
}

// collection says whether anything of a collection is due in a format.
func (d *due) collection(c schema.Collection, f format) bool {
	for part := range d.partsOf(f) {
		if part.collection == c {
			return true
		}
	}
	return false
}

// large says whether a collection comes in parts.
func (c *catalog) large(collection schema.Collection) bool {
	return len(c.lists[string(collection)]) > c.limits.whole
}

func (i *issue) collectionFile(f format, c schema.Collection, heading []byte, cards []*card) ([]byte, error) {
	var b bytes.Buffer
	if err := f.write(i, &b, c, heading, cards); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (i *issue) stateHeading() []byte { return snapshot.Heading(i.edition.Position) }

func (i *issue) bucketHeading(bucket int) []byte {
	return snapshot.BucketHeading(i.edition.Position.Dataset, bucket)
}

// writeJSON writes the records' canonical JSON as it is.
func (i *issue) writeJSON(b *bytes.Buffer, c schema.Collection, heading []byte, cards []*card) error {
	snapshot.WriteRecords(b, heading, c, func(yield func(json.RawMessage) bool) {
		for _, card := range cards {
			if record, _ := i.edition.State.Get(card.id); !yield(record.JSON) {
				return
			}
		}
	})
	return nil
}

// writeLinked writes a graph in the vocabulary of schema.org, in the default
// language.
func (i *issue) writeLinked(b *bytes.Buffer, _ schema.Collection, _ []byte, cards []*card) error {
	s := i.sheet(i.voices[0], i.overviewPath(i.voices[0]))
	b.WriteString(`{"@context":` + quoted(schemaOrg) + `,"@graph":[`)
	for n, card := range cards {
		if n > 0 {
			b.WriteString(",")
		}
		record, _ := i.edition.State.Get(card.id)
		subject, err := s.linkedRecord(record)
		if err != nil {
			return err
		}
		data, err := json.Marshal(subject)
		if err != nil {
			return fmt.Errorf("encode %s as linked data: %w", card.id, err)
		}
		b.WriteString("\n")
		b.Write(data)
	}
	b.WriteString("\n]}\n")
	return nil
}

func quoted(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(data)
}
