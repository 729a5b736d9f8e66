// Package format writes the files of a dataset in their canonical form: keys in
// the order of the schema, two spaces for each level, one line feed at the end.
// Comments and values are preserved.
package format

import (
	"bytes"
	"path"
	"reflect"
	"slices"
	"strings"

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
	f, err := newFormatter(name, data)
	if err != nil {
		return nil, err
	}
	id, _ := snapshot.Classify(name)
	shape := schema.ShapeOf(id.Collection)
	var out string
	if isJSON(name) {
		out = f.jsonText(f.root, shape, "\n") + "\n"
	} else {
		out = f.yamlText(shape)
	}
	if err := verifyOutput(before, data, []byte(out)); err != nil {
		return nil, err
	}
	return []byte(out), nil
}

func isJSON(name string) bool { return path.Ext(name) == ".json" }

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
	case !isJSON(before.Path) && !slices.Equal(sortedComments(before.Path, data), sortedComments(before.Path, out)):
		return &UnsafeError{"a comment would be lost"}
	}
	return nil
}

// sortedComments returns the comments of a file, nil if it cannot be formatted.
func sortedComments(name string, data []byte) []string {
	f, err := newFormatter(name, data)
	if err != nil {
		return nil
	}
	var comments []string
	for _, l := range f.commentsAround(f.root, 0, len(f.text)) {
		comments = append(comments, l.comment)
	}
	slices.Sort(comments)
	return comments
}

// A formatter writes the nodes of a file again, and the comments between them.
type formatter struct {
	text  string
	lines string // text as lineFeeds replaces it
	root  *yaml.Node
	pos   int // the end of what was read
}

// newFormatter parses a file, if it is YAML without a byte order mark and carriage
// returns. One without a line feed is a rare line break, as U+0085, U+2028 and U+2029
// are, which the library accepts.
func newFormatter(name string, data []byte) (*formatter, error) {
	text := string(data)
	if !isJSON(name) {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\u0085").Replace(strings.TrimPrefix(text, "\ufeff"))
	}
	doc := yaml.Parse(name, []byte(text))
	if len(doc.Problems) > 0 {
		return nil, &UnsafeError{"it cannot be read without carriage returns: " + doc.Problems[0].Message}
	}
	root := doc.Root()
	for n := range root.All() {
		if strings.HasPrefix(text[n.Start:], "!") {
			return nil, &UnsafeError{"a tag (!) stands here"}
		}
	}
	return &formatter{text: text, lines: lineFeeds.Replace(text), root: root}, nil
}

// lineFeeds replaces rare line breaks, and byte order marks, without moving what is
// after them.
var lineFeeds = strings.NewReplacer("\u0085", " \n", "\u2028", "  \n", "\u2029", "  \n", "\ufeff", "...")

// needsQuotes reports whether a scalar has such a character between two offsets.
func (f *formatter) needsQuotes(from, to int) bool { return f.text[from:to] != f.lines[from:to] }
