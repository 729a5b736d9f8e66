package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

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
	// and json.Number; nil where there is none.
	Value map[string]any
	// Problems are those of the file's form. A value that has one may be
	// missing from Value.
	Problems []Problem

	lines [][]byte
	root  *yaml.Node
}

// Parse reads a file. It never fails: what is wrong becomes a Problem.
func Parse(name string, data []byte) *Document {
	d := &Document{Path: name}
	if len(data) > MaxSize {
		d.problem(TooLarge, Start, "", "the file has %d KiB, at most %d are allowed", len(data)>>10, MaxSize>>10)
		return d
	}
	if !d.checkEncoding(data) {
		return d
	}
	if path.Ext(name) == ".json" && json.Valid(data) {
		// JSON may be indented with tabs, YAML may not. In valid JSON no
		// tab stands inside a string.
		data = bytes.ReplaceAll(data, []byte("\t"), []byte(" "))
	}
	d.lines = bytes.Split(data, []byte("\n"))
	if root := d.load(data); root != nil {
		d.readRoot(root)
	}
	return d
}

func (d *Document) checkEncoding(data []byte) bool {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			d.problem(Encoding, rangeAt(data, i), "", "byte 0x%02x is not UTF-8", data[i])
			return false
		case r == 0:
			d.problem(Encoding, rangeAt(data, i), "", "a NUL character stands here")
			return false
		}
		i += n
	}
	return true
}

// load parses the one YAML document that a file may hold.
func (d *Document) load(data []byte) *yaml.Node {
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		d.problem(Syntax, Start, "", "%v", err)
		return nil
	}
	var root, more yaml.Node
	switch err := loader.Load(&root); {
	case errors.Is(err, io.EOF):
		d.problem(Syntax, Start, "", "the file is empty")
		return nil
	case err != nil:
		d.syntax(err)
		return nil
	}
	if err := loader.Load(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			d.syntax(err)
		} else {
			d.problem(Syntax, d.rangeOf(&more), "", "a second document begins here")
		}
		return nil
	}
	return &root
}

func (d *Document) syntax(err error) {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		d.problem(Syntax, Start, "", "%v", err)
		return
	}
	mark := load.Mark
	if mark.Line == 0 {
		mark = load.ContextMark
	}
	at := Range{max(mark.Line, 1), max(mark.Column, 1), 0, 0}
	at.EndLine, at.EndColumn = at.Line, at.Column+1
	d.problem(Syntax, at, "", "%s", load.Message)
}

func (d *Document) readRoot(root *yaml.Node) {
	for root.Kind == yaml.DocumentNode || root.Kind == yaml.StreamNode {
		if len(root.Content) == 0 {
			d.problem(Syntax, Start, "", "the file is empty")
			return
		}
		root = root.Content[0]
	}
	d.root = root
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		d.problem(Syntax, Start, "", "the file is empty")
		return
	}
	if root.Kind != yaml.MappingNode {
		d.problem(Syntax, d.rangeOf(root), "", "the file is %s, not keys with values", kindName(root))
		return
	}
	value, ok := d.decode(root, "", 1)
	if ok {
		d.Value = value.(map[string]any)
	}
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}

func (d *Document) problem(kind Kind, at Range, pointer, format string, args ...any) {
	d.Problems = append(d.Problems, Problem{kind, at, pointer, fmt.Sprintf(format, args...)})
}

// PointerTo appends a token to a JSON pointer (RFC 6901 §3).
func PointerTo(pointer, token string) string { return schema.PointerTo(pointer, token) }
