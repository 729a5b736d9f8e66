// Package format writes the files of a dataset in their canonical form: keys in
// the order of the schema, two spaces for each level, one line feed at the end.
// Comments and values are preserved.
package format

import (
	"bytes"
	"path"
	"reflect"
	"slices"

	"netsync/schema"
	"netsync/worker/snapshot"
	"netsync/worker/yaml"
)

// Source formats a file of a dataset, whose name is relative to the dataset.
//
// It guarantees that the values stay the same (snapshot.Parse gives equal
// values), that every comment remains, and that formatting the result again
// changes nothing. The error is an *UnreadableError if the file has problems,
// and an *UnsafeError if the guarantee cannot be given.
func Source(name string, data []byte) ([]byte, error) {
	before := yaml.Parse(name, data)
	if len(before.Problems) > 0 {
		return nil, &UnreadableError{before.Problems}
	}
	id, _ := snapshot.Classify(name)
	f := formatYAML
	if path.Ext(name) == ".json" {
		f = formatJSON
	}
	out, err := f(data, schema.ShapeOf(id.Collection))
	if err != nil {
		return nil, &UnsafeError{err.Error()}
	}
	if err := verifyOutput(before, data, out); err != nil {
		return nil, err
	}
	return out, nil
}

// verifyOutput reads the result, and compares it with the original.
func verifyOutput(before *yaml.Document, data, out []byte) error {
	if bytes.Equal(data, out) {
		return nil
	}
	after := yaml.Parse(before.Path, out)
	switch {
	case len(after.Problems) > 0:
		return &UnsafeError{"the result could not be read again: " + after.Problems[0].Message}
	case !reflect.DeepEqual(before.Value, after.Value):
		return &UnsafeError{"the result would say something else"}
	case path.Ext(before.Path) != ".json" && !sameComments(data, out):
		return &UnsafeError{"a comment would be lost"}
	}
	return nil
}

func sameComments(data, out []byte) bool {
	before, err := read(data)
	if err != nil {
		return false
	}
	after, err := read(out)
	if err != nil {
		return false
	}
	return slices.Equal(before.sortedComments(), after.sortedComments())
}
