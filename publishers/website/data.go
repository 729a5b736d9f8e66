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

// planData adds the files for programs.
func (b *build) planData(all *plan, stale *staleSet) {
	all.add(logFile, func() ([]byte, error) { return encodeLog(b.history.log) })
	all.add(modifiedFile, func() ([]byte, error) { return b.history.encodeModified(), nil })
	all.add(removedFile, func() ([]byte, error) { return b.history.encodeRemoved(b.edition.Position.Dataset) })
	all.add("data/index.json", func() ([]byte, error) { return b.dataIndex() })
	b.planDeltas(all, stale)
	if stale.everything {
		all.add("data/"+snapshot.ManifestFile, b.manifestFile)
		planSchemas(all)
	}
	for _, c := range schema.Collections() {
		if b.catalog.isSplit(c) {
			b.planParts(all, c, stale)
		} else {
			b.planWhole(all, c, stale)
		}
	}
	all.add(archiveFile(b.edition.Position.Dataset), func() ([]byte, error) { return b.buildArchive(stale) })
}

func (b *build) manifestFile() ([]byte, error) {
	manifest, err := json.Marshal(b.edition.Changeset.Manifest)
	if err != nil {
		return nil, fmt.Errorf("encode the manifest: %w", err)
	}
	return schema.CanonicalJSON(manifest)
}

// A format is a file format for many records.
type format struct {
	ext       string
	mediaType string
	// open begins a file of records. The size is that of their JSON in bytes.
	open func(b *build, buf *bytes.Buffer, heading []byte, c schema.Collection, size int) recordWriter
	// hasHeading is set if a file names its state.
	hasHeading bool
	// hasLinkedNames is set if a file shows names of related records.
	hasLinkedNames bool
	// isArchived is set if the archive includes the format.
	isArchived bool
}

// recordWriter writes records into a file.
type recordWriter struct {
	add func(*briefRecord) error
	end func() error
}

var formats = []format{
	{"json", "application/json", (*build).openJSON, true, false, true},
	{"csv", "text/csv", (*build).openCSV, false, false, true},
	{"jsonld", "application/ld+json", (*build).openLinkedData, false, true, false},
}

// planWhole adds data/<collection>.<ext> in all formats that are stale.
func (b *build) planWhole(all *plan, c schema.Collection, stale *staleSet) {
	whole := &wholeFiles{packedFiles: make(map[string]*packedFile)}
	for _, f := range formats {
		// The heading of a file changes with each state.
		if f.hasHeading || stale.everything || stale.hasCollection(c, f) {
			whole.formats = append(whole.formats, f)
		}
	}
	whole.render = sync.OnceValue(func() (err error) {
		if whole.data, err = b.collectionFiles(whole.formats, c, b.stateHeading(), b.catalog.cardsByID(c)); err != nil {
			return err
		}
		return whole.packFiles(c)
	})
	b.wholeFiles[c] = whole
	from := len(all.files)
	for n, f := range whole.formats {
		all.add(wholeFileName(c, f), func() ([]byte, error) { return whole.write(n) })
	}
	all.groupFrom(from)
}

func wholeFileName(c schema.Collection, f format) string { return "data/" + string(c) + "." + f.ext }

// wholeFiles are the files with all records of a collection. They are rendered
// together, once, and freed after they were packed and written.
type wholeFiles struct {
	formats     []format
	render      func() error
	data        [][]byte // by format, nil after it was written
	packedFiles map[string]*packedFile
}

// packFiles compresses the files that the archive includes.
func (w *wholeFiles) packFiles(c schema.Collection) error {
	for n, f := range w.formats {
		if !f.isArchived {
			continue
		}
		name := string(c) + "." + f.ext
		packed, err := packFile(name, w.data[n])
		if err != nil {
			return err
		}
		w.packedFiles[name] = packed
	}
	return nil
}

// write returns a file. It can be called once for each file.
func (w *wholeFiles) write(n int) ([]byte, error) {
	if err := w.render(); err != nil {
		return nil, err
	}
	data := w.data[n]
	w.data[n] = nil
	return data, nil
}

// planParts adds data/<collection>/<bucket>.<ext> for the stale buckets.
func (b *build) planParts(all *plan, c schema.Collection, stale *staleSet) {
	for _, f := range formats {
		parts := stale.staleParts(f)
		for bucket := range snapshot.Buckets {
			if stale.everything || parts[part{c, bucket}] {
				all.add("data/"+snapshot.PartOf(c, bucket, f.ext), func() ([]byte, error) {
					return b.collectionFile(f, c, b.bucketHeading(bucket), b.catalog.lists[partList(c, bucket)])
				})
			}
		}
		if f.hasHeading {
			all.add(wholeFileName(c, f), func() ([]byte, error) { return snapshot.EncodeParts(b.stateHeading(), c, f.ext), nil })
		}
	}
}

// staleParts returns the parts that are stale in a format.
func (s *staleSet) staleParts(f format) map[part]bool {
	if !f.hasLinkedNames {
		return s.parts
	}
	parts := maps.Clone(s.parts)
	for id := range s.records { // pages with linked names are stale for the same reason
		parts[part{id.Collection, schema.BucketOf(id)}] = true
	}
	return parts
}

// hasCollection reports whether any part of a collection is stale in a format.
func (s *staleSet) hasCollection(c schema.Collection, f format) bool {
	for part := range s.staleParts(f) {
		if part.collection == c {
			return true
		}
	}
	return false
}

// isSplit reports whether the data files of a collection are split into parts.
func (c *catalog) isSplit(collection schema.Collection) bool {
	return len(c.lists[string(collection)]) > c.limits.dataFile
}

// collectionFiles writes records in several formats at once, since decoding a
// record takes longer than writing it.
func (b *build) collectionFiles(formats []format, c schema.Collection, heading []byte, cards []*card) ([][]byte, error) {
	size := 0
	for _, card := range cards {
		size += card.size
	}
	buffers := make([]bytes.Buffer, len(formats))
	lines := make([]recordWriter, len(formats))
	for n, f := range formats {
		lines[n] = f.open(b, &buffers[n], heading, c, size)
	}
	for _, card := range cards {
		record, _ := b.edition.State.Get(card.id)
		r := &briefRecord{Record: record}
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

func (b *build) collectionFile(f format, c schema.Collection, heading []byte, cards []*card) ([]byte, error) {
	files, err := b.collectionFiles([]format{f}, c, heading, cards)
	if err != nil {
		return nil, err
	}
	return files[0], nil
}

func (b *build) stateHeading() []byte { return snapshot.Heading(b.edition.Position) }

func (b *build) bucketHeading(bucket int) []byte {
	return snapshot.BucketHeading(b.edition.Position.Dataset, bucket)
}

// openJSON begins a file of records as canonical JSON.
func (b *build) openJSON(buf *bytes.Buffer, heading []byte, c schema.Collection, size int) recordWriter {
	buf.Grow(size + size/32) // room for separators
	records := snapshot.BeginRecords(buf, heading, c)
	return recordWriter{
		add: func(r *briefRecord) error { records.Add(r.JSON); return nil },
		end: func() error { records.End(); return nil },
	}
}

// openLinkedData begins a graph in the vocabulary of schema.org, in the
// default language.
func (b *build) openLinkedData(buf *bytes.Buffer, _ []byte, _ schema.Collection, _ int) recordWriter {
	p := b.newPageContext(b.locales[0], b.overviewPath(b.locales[0]))
	buf.WriteString(`{"@context":` + quoteJSON(schemaOrg) + `,"@graph":[`)
	between := "\n"
	return recordWriter{
		add: func(r *briefRecord) error {
			subject, err := p.linkedRecord(r)
			if err != nil {
				return err
			}
			data, err := json.Marshal(subject)
			if err != nil {
				return fmt.Errorf("encode %s as linked data: %w", r.ID, err)
			}
			buf.WriteString(between)
			buf.Write(data)
			between = ",\n"
			return nil
		},
		end: func() error { buf.WriteString("\n]}\n"); return nil },
	}
}

func quoteJSON(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(data)
}
