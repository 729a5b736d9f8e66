package snapshot

import (
	"path"
	"strings"

	"netsync/schema"
)

// A File is what a snapshot keeps of a file of the dataset.
type File struct {
	Path string
	// ID is the record that the file's place names; zero for the manifest.
	ID schema.RecordID
	// Record is the record's published form. It is zero where the file
	// could not be read.
	Record schema.Record
	// Refs are the records and terms that the record refers to.
	Refs []Ref
	// Aliases are former ids of the record.
	Aliases []string
	// Dated says that the published form depends on the day.
	Dated bool
	// Findings are those that the file has by itself.
	Findings []schema.Finding
}

// A Ref is something that a record refers to, and where.
type Ref struct {
	Target
	Pointer string
	Range   Range
}

// A Target is what is referred to: a record, or a term of one of the
// manifest's vocabularies.
type Target struct {
	Record     schema.RecordID
	Vocabulary string
	Term       string
}

// RefTo returns where the record refers to another; the start of the file
// where it does not.
func (f *File) RefTo(id schema.RecordID) (pointer string, place Range) {
	for _, ref := range f.Refs {
		if ref.Record == id {
			return ref.Pointer, ref.Range
		}
	}
	return "", Start
}

// ManifestBase is the manifest's file name without its extension.
const ManifestBase = "dataset"

// Classify tells what a path of the dataset holds: the manifest (zero id), a
// record, or nothing that belongs to the dataset (ok is false). The id is
// taken from the file's name, valid or not.
func Classify(name string) (id schema.RecordID, ok bool) {
	ext := path.Ext(name)
	if ext != ".yaml" && ext != ".yml" && ext != ".json" {
		return id, false
	}
	base := strings.TrimSuffix(path.Base(name), ext)
	folder, _, nested := strings.Cut(name, "/")
	if !nested {
		return id, base == ManifestBase
	}
	c := schema.Collection(folder)
	return schema.RecordID{Collection: c, ID: base}, c.Valid()
}

// refs collects what a record refers to, by the annotations of its schema.
func refs(d *Document, shape *schema.Shape) []Ref {
	var found []Ref
	var walk func(s *schema.Shape, value any, pointer string)
	walk = func(s *schema.Shape, value any, pointer string) {
		switch value := value.(type) {
		case string:
			if target, ok := targetOf(s, value); ok {
				found = append(found, Ref{target, pointer, d.Locate(pointer)})
			}
		case []any:
			for i, item := range value {
				if s.Items != nil {
					walk(s.Items, item, PointerTo(pointer, itoa(i)))
				}
			}
		case map[string]any:
			for _, key := range sortedKeys(value) {
				if property := s.Property(key); property != nil {
					walk(property, value[key], PointerTo(pointer, key))
				}
			}
		}
	}
	walk(shape, d.Value, "")
	return found
}

func targetOf(s *schema.Shape, value string) (Target, bool) {
	switch {
	case s.Reference != "":
		return Target{Record: schema.RecordID{Collection: s.Reference, ID: value}}, true
	case s.Vocabulary != "":
		return Target{Vocabulary: s.Vocabulary, Term: value}, true
	}
	return Target{}, false
}
