package format

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// read parses a YAML file. The library returns the position and value of each
// node; their notation, and the comments between them, are read from the
// source.
func read(data []byte) (*node, error) {
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	root, err := load(text)
	if err != nil {
		return nil, err
	}
	r := &reader{source: newSource(text)}
	start, err := r.findStart(root)
	if err != nil {
		return nil, err
	}
	n, err := r.readCollection(root, r.readUpTo(start))
	if err != nil {
		return nil, err
	}
	n.foot = append(n.foot, n.attachTrailing(r.readUpTo(len(text)), -1)...)
	return n, nil
}

func load(text string) (*yaml.Node, error) {
	loader, err := yaml.NewLoader(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	root := &yaml.Node{}
	if err := loader.Load(root); err != nil {
		return nil, err
	}
	for root.Kind == yaml.DocumentNode || root.Kind == yaml.StreamNode {
		if len(root.Content) == 0 {
			return nil, errors.New("the file is empty")
		}
		root = root.Content[0]
	}
	if root.Kind != yaml.MappingNode {
		return nil, errors.New("the file has no keys")
	}
	return root, nil
}

// A reader reads a source from start to end.
type reader struct {
	*source
	pos int
	// lastEntry is the entry whose value ends at pos, so that a comment beside
	// it belongs to it; may be nil.
	lastEntry *entry
}

// findStart returns the offset of a value.
func (r *reader) findStart(n *yaml.Node) (int, error) {
	at := r.offsetAt(n.Line, n.Column)
	switch {
	case at < r.pos:
		return 0, fmt.Errorf("line %d: the place of a value is not clear", n.Line)
	case strings.HasPrefix(r.s[at:], "!"):
		return 0, fmt.Errorf("line %d: a tag (!) stands here", n.Line)
	}
	return at, nil
}

// readUpTo advances to an offset and returns the comments before it. It
// attaches a comment beside lastEntry to that.
func (r *reader) readUpTo(offset int) []line {
	var lines []line
	if offset > r.pos {
		lines = r.scanGap(r.pos, offset)
		r.pos = offset
	}
	if e := r.lastEntry; e != nil && len(lines) > 0 && lines[0].beside {
		e.after = &lines[0]
		lines = lines[1:]
	}
	r.lastEntry = nil
	return lines
}

// readCollection reads a map or list that begins at pos.
func (r *reader) readCollection(n *yaml.Node, lead []line) (*node, error) {
	out := &node{kind: n.Kind, flow: n.Style&yaml.FlowStyle != 0, lead: lead}
	if !out.flow {
		out.column = r.columnAt(r.pos)
	}
	bracketed := out.flow && r.pos < len(r.s) && strings.IndexByte("[{", r.s[r.pos]) >= 0
	if bracketed {
		r.pos++
	}
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for pair := range slices.Chunk(n.Content, step) {
		if err := r.readEntry(out, pair); err != nil {
			return nil, err
		}
	}
	if bracketed {
		return out, r.readClosing(out)
	}
	return out, nil
}

// readEntry reads a key and its value, or an item.
func (r *reader) readEntry(parent *node, pair []*yaml.Node) error {
	start, err := r.findStart(pair[0])
	if err != nil {
		return err
	}
	e := &entry{}
	parent.attachLines(e, r.readUpTo(start))
	if len(pair) == 2 {
		var head *line // beside the header of a key that is a block scalar
		e.key, head = r.readScalar(pair[0], parent)
		if start, err = r.findStart(pair[1]); err != nil {
			return err
		}
		if head != nil {
			e.between = append(e.between, *head)
		}
		e.between = append(e.between, r.readUpTo(start)...)
	}
	parent.entries = append(parent.entries, e)
	value := pair[len(pair)-1]
	if value.Kind == yaml.ScalarNode {
		e.value, e.after = r.readScalar(value, parent)
	} else if e.value, err = r.readCollection(value, nil); err != nil {
		return err
	}
	if !e.value.isBlock() { // otherwise it ends with its last entry
		r.lastEntry = e
	}
	return nil
}

// readClosing advances past the closing bracket of a flow collection.
func (r *reader) readClosing(n *node) error {
	for i := r.pos; i < len(r.s); i++ {
		switch r.s[i] {
		case ']', '}':
			n.foot = r.readUpTo(i)
			r.pos = i + 1
			return nil
		case '#':
			i = r.lineEnd(i) - 1
		}
	}
	return errors.New("a bracket is not closed")
}
