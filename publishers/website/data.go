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
		if i.catalog.large(c) {
			i.planParts(all, c, due)
		} else {
			i.planWhole(all, c, due)
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
	// open begins a file for records that have a size together.
	open func(i *issue, b *bytes.Buffer, heading []byte, c schema.Collection, size int) recordLines
	// headed says that a file tells what it is of.
	headed bool
	// linked says that it shows the names of other records, too.
	linked bool
	// archived says that the archive has it.
	archived bool
}

// recordLines takes the records that go into a file.
type recordLines struct {
	add func(*brief) error
	end func() error
}

var formats = []format{
	{"json", "application/json", (*issue).openJSON, true, false, true},
	{"csv", "text/csv", (*issue).openCSV, false, false, true},
	{"jsonld", "application/ld+json", (*issue).openLinked, false, true, false},
}

// planWhole adds data/<collection>.<ext>, in all formats that are due.
func (i *issue) planWhole(all *plan, c schema.Collection, due *due) {
	whole := &wholeFiles{packed: make(map[string]*packedFile)}
	for _, f := range formats {
		// A file that tells which state it is of is new each time.
		if f.headed || due.everything || due.collection(c, f) {
			whole.due = append(whole.due, f)
		}
	}
	whole.make = sync.OnceValue(func() (err error) {
		if whole.data, err = i.collectionFiles(whole.due, c, i.stateHeading(), i.catalog.sorted(c)); err != nil {
			return err
		}
		return whole.pack(c)
	})
	i.wholes[c] = whole
	from := len(all.files)
	for n, f := range whole.due {
		all.add(wholeName(c, f), func() ([]byte, error) { return whole.write(n) })
	}
	all.join(from)
}

func wholeName(c schema.Collection, f format) string { return "data/" + string(c) + "." + f.ext }

// wholeFiles are those with all records of a collection. They are rendered
// together, once, and not kept for longer than it takes to pack and to write
// them.
type wholeFiles struct {
	due    []format
	make   func() error
	data   [][]byte // by format, until it is written
	packed map[string]*packedFile
}

// pack packs the files that go into the archive, too.
func (w *wholeFiles) pack(c schema.Collection) error {
	for n, f := range w.due {
		if !f.archived {
			continue
		}
		name := string(c) + "." + f.ext
		packed, err := packFile(name, w.data[n])
		if err != nil {
			return err
		}
		w.packed[name] = packed
	}
	return nil
}

// write gives a file, once.
func (w *wholeFiles) write(n int) ([]byte, error) {
	if err := w.make(); err != nil {
		return nil, err
	}
	data := w.data[n]
	w.data[n] = nil
	return data, nil
}

// planParts adds data/<collection>/<bucket>.<ext> for the buckets that are due.
func (i *issue) planParts(all *plan, c schema.Collection, due *due) {
	for _, f := range formats {
		parts := due.partsOf(f)
		for bucket := range snapshot.Buckets {
			if due.everything || parts[part{c, bucket}] {
				all.add("data/"+snapshot.PartOf(c, bucket, f.ext), func() ([]byte, error) {
					return i.collectionFile(f, c, i.bucketHeading(bucket), i.catalog.lists[partList(c, bucket)])
				})
			}
		}
		if f.headed {
			all.add(wholeName(c, f), func() ([]byte, error) { return snapshot.EncodeParts(i.stateHeading(), c, f.ext), nil })
		}
	}
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

// collectionFiles writes records in several formats at once, since it takes
// longer to unpack and decode a record than to write it.
func (i *issue) collectionFiles(formats []format, c schema.Collection, heading []byte, cards []*card) ([][]byte, error) {
	size := 0
	for _, card := range cards {
		size += card.size
	}
	buffers := make([]bytes.Buffer, len(formats))
	lines := make([]recordLines, len(formats))
	for n, f := range formats {
		lines[n] = f.open(i, &buffers[n], heading, c, size)
	}
	for _, card := range cards {
		record, _ := i.edition.State.Get(card.id)
		r := &brief{Record: record}
		for _, l := range lines {
			if err := l.add(r); err != nil {
				return nil, err
			}
		}
	}
	files := make([][]byte, len(formats))
	for n, l := range lines {
		if err := l.end(); err != nil {
			return nil, err
		}
		files[n] = buffers[n].Bytes()
	}
	return files, nil
}

func (i *issue) collectionFile(f format, c schema.Collection, heading []byte, cards []*card) ([]byte, error) {
	files, err := i.collectionFiles([]format{f}, c, heading, cards)
	if err != nil {
		return nil, err
	}
	return files[0], nil
}

func (i *issue) stateHeading() []byte { return snapshot.Heading(i.edition.Position) }

func (i *issue) bucketHeading(bucket int) []byte {
	return snapshot.BucketHeading(i.edition.Position.Dataset, bucket)
}

// openJSON begins a file with the records' canonical JSON as it is.
func (i *issue) openJSON(b *bytes.Buffer, heading []byte, c schema.Collection, size int) recordLines {
	b.Grow(size + size/32) // for what stands between them
	records := snapshot.BeginRecords(b, heading, c)
	return recordLines{
		add: func(r *brief) error { records.Add(r.JSON); return nil },
		end: func() error { records.End(); return nil },
	}
}

// openLinked begins a graph in the vocabulary of schema.org, in the default
// language.
func (i *issue) openLinked(b *bytes.Buffer, _ []byte, _ schema.Collection, _ int) recordLines {
	s := i.sheet(i.voices[0], i.overviewPath(i.voices[0]))
	b.WriteString(`{"@context":` + quoted(schemaOrg) + `,"@graph":[`)
	between := "\n"
	return recordLines{
		add: func(r *brief) error {
			subject, err := s.linkedRecord(r)
			if err != nil {
				return err
			}
			data, err := json.Marshal(subject)
			if err != nil {
				return fmt.Errorf("encode %s as linked data: %w", r.ID, err)
			}
			b.WriteString(between)
			b.Write(data)
			between = ",\n"
			return nil
		},
		end: func() error { b.WriteString("\n]}\n"); return nil },
	}
}

func quoted(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(data)
}
