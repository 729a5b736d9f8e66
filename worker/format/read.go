package format

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// read takes a YAML file apart. The library tells where each value stands and
// what it means; how it is written, and the comments between values, are taken
// from the source.
func read(data []byte) (*node, error) {
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	root, err := load(text)
	if err != nil {
		return nil, err
	}
	r := &reader{source: newSource(text)}
	start, err := r.start(root)
	if err != nil {
		return nil, err
	}
	n, err := r.collection(root, r.upTo(start))
	if err != nil {
		return nil, err
	}
	n.foot = append(n.foot, n.close(r.upTo(len(text)), -1)...)
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

// A reader goes through a source from front to back.
type reader struct {
	*source
	pos int
	// ended is the entry whose value ends at pos, so that a comment beside it
	// is its own; nil where no value does.
	ended *entry
}

// start finds where a value begins.
func (r *reader) start(n *yaml.Node) (int, error) {
	at := r.offset(n.Line, n.Column)
	switch {
	case at < r.pos:
		return 0, fmt.Errorf("line %d: the place of a value is not clear", n.Line)
	case strings.HasPrefix(r.s[at:], "!"):
		return 0, fmt.Errorf("line %d: a tag (!) stands here", n.Line)
	}
	return at, nil
}

// upTo goes to an offset and returns the comments that it passes, but for the
// one beside the value that ended.
func (r *reader) upTo(offset int) []line {
	var lines []line
	if offset > r.pos {
		lines = r.gap(r.pos, offset)
		r.pos = offset
	}
	if e := r.ended; e != nil && len(lines) > 0 && lines[0].beside {
		e.after = &lines[0]
		lines = lines[1:]
	}
	r.ended = nil
	return lines
}

// collection reads a map or list, which begins at pos.
func (r *reader) collection(n *yaml.Node, lead []line) (*node, error) {
	out := &node{kind: n.Kind, flow: n.Style&yaml.FlowStyle != 0, lead: lead}
	if !out.flow {
		out.column = r.column(r.pos)
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
		if err := r.entry(out, pair); err != nil {
			return nil, err
		}
	}
	if bracketed {
		return out, r.closing(out)
	}
	return out, nil
}

// entry reads a key and its value, or an item.
func (r *reader) entry(parent *node, pair []*yaml.Node) error {
	start, err := r.start(pair[0])
	if err != nil {
		return err
	}
	e := &entry{}
	parent.take(e, r.upTo(start))
	if len(pair) == 2 {
		var head *line // beside the head of a key that is a block of text
		e.key, head = r.scalar(pair[0], parent)
		if start, err = r.start(pair[1]); err != nil {
			return err
		}
		if head != nil {
			e.between = append(e.between, *head)
		}
		e.between = append(e.between, r.upTo(start)...)
	}
	parent.entries = append(parent.entries, e)
	value := pair[len(pair)-1]
	if value.Kind == yaml.ScalarNode {
		e.value, e.after = r.scalar(value, parent)
	} else if e.value, err = r.collection(value, nil); err != nil {
		return err
	}
	if !e.value.spread() { // otherwise it ends where its last entry does
		r.ended = e
	}
	return nil
}

// closing goes behind the bracket that closes a flow collection.
func (r *reader) closing(n *node) error {
	for i := r.pos; i < len(r.s); i++ {
		switch r.s[i] {
		case ']', '}':
			n.foot = r.upTo(i)
			r.pos = i + 1
			return nil
		case '#':
			i = r.lineEnd(i) - 1
		}
	}
	return errors.New("a bracket is not closed")
}
