package yaml

import (
	"bytes"
	"fmt"
	"path"
	"unicode/utf8"

	"netsync/schema"
)

// Limits of a file.
const (
	MaxSize  = 256 << 10 // bytes
	MaxDepth = 64        // collections within collections
)

// A Document is one parsed file of a dataset, with the place of every value.
type Document struct {
	Path string // relative to the dataset
	// Value is the file's mapping as maps, slices, strings, booleans, nil
	// and json.Number; nil if the file cannot be read. A value that has a
	// problem is nil.
	Value map[string]any
	// Problems are the mistakes in the form of the file.
	Problems []Problem

	tree    *tree
	buffers *buffers
}

// Parse reads a file. It never fails: each mistake becomes a Problem.
func Parse(name string, data []byte) *Document {
	d := &Document{Path: name, tree: &tree{}, buffers: bufferPool.Get().(*buffers)}
	if len(data) > MaxSize {
		d.addProblem(TooLarge, Start, "", "the file has %d KiB, at most %d are allowed", len(data)>>10, MaxSize>>10)
		return d
	}
	d.tree.data = data
	if d.checkEncoding(data) && d.parse(data) {
		d.readRoot()
	}
	return d
}

// Unread returns the document of a file that was not read, with the problem that
// prevented it.
func Unread(name string, kind Kind, message string) *Document {
	return &Document{Path: name, tree: &tree{}, Problems: []Problem{{Kind: kind, Range: Start, Message: message}}}
}

// Release lets the next document use the memory of this one. Neither its value nor
// its places may be used after that.
func (d *Document) Release() {
	d.buffers.nodes = d.tree.nodes[:0]
	d.buffers.release()
	d.Value, d.tree, d.buffers = nil, &tree{}, nil
}

// parse fills the tree.
func (d *Document) parse(data []byte) bool {
	if path.Ext(d.Path) == ".json" {
		return d.loadJSON(data)
	}
	if t, ok := parseSubset(data, d.buffers.nodes); ok {
		d.tree = t
		return true
	}
	return d.loadYAML(data)
}

// checkEncoding looks at single characters only to find the place of a mistake.
func (d *Document) checkEncoding(data []byte) bool {
	if utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 {
		return true
	}
	for i := 0; i < len(data); {
		if c := data[i]; c != 0 && c < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			d.addProblem(Encoding, d.tree.rangeOf(i, i+1), "", "byte 0x%02x is not UTF-8", data[i])
			return false
		case r == 0:
			d.addProblem(Encoding, d.tree.rangeOf(i, i+1), "", "a NUL character stands here")
			return false
		}
		i += n
	}
	return true
}

func (d *Document) readRoot() {
	root := d.tree.nodes[0]
	if root.kind == scalar && root.unsupported == "" {
		if value, _ := parsePlain(root.value); value == nil {
			d.addProblem(Syntax, Start, "", "the file is empty")
			return
		}
	}
	if root.kind != mapping && root.unsupported == "" {
		d.addProblem(Syntax, d.tree.rangeOf(root.start, root.end), "", "the file is %s, not keys with values", root.describeKind())
		return
	}
	dec := decoder{d: d}
	if value, ok := dec.decode(0); ok {
		d.Value = value.(map[string]any)
	}
}

func (d *Document) addProblem(kind Kind, at Range, pointer, format string, args ...any) {
	d.Problems = append(d.Problems, Problem{kind, at, pointer, fmt.Sprintf(format, args...)})
}

// PointerTo appends a token to a JSON pointer (RFC 6901 §3).
func PointerTo(pointer, token string) string { return schema.PointerTo(pointer, token) }
