package snapshot

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// decode turns a node into a value. It refuses what the dataset format leaves
// out of YAML: anchors, aliases, merges, tags and doubled keys. ok is false
// where there is no value to go on with.
func (d *Document) decode(n *yaml.Node, pointer string, depth int) (value any, ok bool) {
	if depth > MaxDepth {
		d.problem(TooDeep, d.rangeOf(n), pointer, "more than %d levels lie within one another", MaxDepth)
		return nil, false
	}
	if !d.plain(n, pointer) {
		return nil, false
	}
	switch n.Kind {
	case yaml.MappingNode:
		return d.decodeMapping(n, pointer, depth)
	case yaml.SequenceNode:
		return d.decodeSequence(n, pointer, depth)
	}
	return d.decodeScalar(n, pointer)
}

// plain reports whether a node is free of the features that are refused.
func (d *Document) plain(n *yaml.Node, pointer string) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		d.problem(Feature, d.rangeOf(n), pointer, "an alias (*%s) stands here", n.Value)
	case n.Anchor != "":
		d.problem(Feature, d.rangeOf(n), pointer, "an anchor (&%s) stands here", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		d.problem(Feature, d.rangeOf(n), pointer, "a tag (%s) stands here", n.Tag)
	default:
		return true
	}
	return false
}

func (d *Document) decodeMapping(n *yaml.Node, pointer string, depth int) (any, bool) {
	out := make(map[string]any, len(n.Content)/2)
	first := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, node := n.Content[i], n.Content[i+1]
		if !d.checkKey(key, pointer) {
			continue
		}
		at := PointerTo(pointer, key.Value)
		if earlier, doubled := first[key.Value]; doubled {
			d.problem(DuplicateKey, d.rangeOf(key), at, "the key %q stands in line %d already", key.Value, earlier.Line)
			continue
		}
		first[key.Value] = key
		if value, ok := d.decode(node, at, depth+1); ok {
			out[key.Value] = value
		}
	}
	return out, true
}

func (d *Document) checkKey(key *yaml.Node, pointer string) bool {
	if key.Kind == yaml.ScalarNode && key.Tag == "!!merge" {
		d.problem(Feature, d.rangeOf(key), pointer, "a merge (<<) stands here")
		return false
	}
	if key.Kind != yaml.ScalarNode && key.Kind != yaml.AliasNode {
		d.problem(Feature, d.rangeOf(key), pointer, "the key is %s", kindName(key))
		return false
	}
	return d.plain(key, pointer)
}

func (d *Document) decodeSequence(n *yaml.Node, pointer string, depth int) (any, bool) {
	out := make([]any, 0, len(n.Content))
	for i, item := range n.Content {
		if value, ok := d.decode(item, PointerTo(pointer, strconv.Itoa(i)), depth+1); ok {
			out = append(out, value)
		}
	}
	return out, true
}

// jsonNumber is the only form in which a number is one: 0x1F, 1_000, 012 and
// .inf are texts, as they would be in JSON.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// maxExact is the greatest whole number that a double holds exactly.
const maxExact = 1 << 53

func (d *Document) decodeScalar(n *yaml.Node, pointer string) (any, bool) {
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return n.Value, true
	}
	switch n.Tag {
	case "!!null":
		return nil, true
	case "!!bool":
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE", true
	case "!!int", "!!float":
		if !jsonNumber.MatchString(n.Value) {
			return n.Value, true
		}
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || math.Abs(f) > maxExact {
			d.problem(Number, d.rangeOf(n), pointer, "the number %.40s is too large to be kept exactly", n.Value)
			return nil, false
		}
		return json.Number(n.Value), true
	}
	return n.Value, true
}
