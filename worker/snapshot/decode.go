package snapshot

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"

	"netsync/schema"
)

// A place is where a value stands, for those few that something is said about.
type place struct {
	above *place
	key   string // of a map's value
	index int    // of a list's item; -1 where there is a key
}

func (p *place) pointer() string {
	switch {
	case p == nil:
		return ""
	case p.index < 0:
		return schema.PointerTo(p.above.pointer(), p.key)
	}
	return p.above.pointer() + "/" + strconv.Itoa(p.index)
}

// decode turns a node into a value. It refuses what the dataset format leaves
// out of YAML: anchors, aliases, merges, tags and doubled keys. ok is false
// where there is no value to go on with.
func (d *Document) decode(i int, at *place) (value any, ok bool) {
	n := &d.tree.nodes[i]
	if n.refused != "" {
		d.problem(Feature, d.tree.span(n.start, n.end), at.pointer(), "%s stands here", n.refused)
		return nil, false
	}
	switch n.kind {
	case mapping:
		return d.decodeMapping(i, at), true
	case sequence:
		return d.decodeSequence(i, at), true
	case text:
		return n.value, true
	}
	value, exact := plain(n.value)
	if !exact {
		d.problem(Number, d.tree.span(n.start, n.end), at.pointer(), "the number %.40s is too large to be kept exactly", n.value)
		return nil, false
	}
	return value, true
}

func (d *Document) decodeMapping(i int, at *place) map[string]any {
	out := make(map[string]any, d.tree.length(i)/2)
	for k := d.tree.nodes[i].first; k != 0; {
		v := d.tree.nodes[k].next
		key := d.tree.nodes[k].value
		below := place{above: at, key: key, index: -1}
		if d.checkKey(k, at) {
			if _, doubled := out[key]; doubled {
				d.doubled(i, k, &below)
			} else {
				out[key], _ = d.decode(v, &below) // nil where it has a problem, which is told
			}
		}
		k = d.tree.nodes[v].next
	}
	return out
}

func (d *Document) doubled(m, key int, at *place) {
	n := d.tree.nodes[key]
	first, _ := d.tree.child(m, n.value)
	line, _ := d.tree.position(d.tree.nodes[first].start)
	d.problem(DuplicateKey, d.tree.span(n.start, n.end), at.pointer(), "the key %q stands in line %d already", n.value, line)
}

func (d *Document) checkKey(k int, at *place) bool {
	n := &d.tree.nodes[k]
	var what string
	switch {
	case n.refused != "":
		what = n.refused + " stands here"
	case n.kind == mapping || n.kind == sequence:
		what = "the key is " + n.name()
	case n.kind == scalar && n.value == "<<":
		what = "a merge (<<) stands here"
	default:
		return true
	}
	d.problem(Feature, d.tree.span(n.start, n.end), at.pointer(), "%s", what)
	return false
}

func (d *Document) decodeSequence(i int, at *place) []any {
	out := make([]any, 0, d.tree.length(i))
	for c := d.tree.nodes[i].first; c != 0; c = d.tree.nodes[c].next {
		value, _ := d.decode(c, &place{above: at, index: len(out)}) // nil where it has a problem, which is told
		out = append(out, value)
	}
	return out
}

func (t *tree) length(i int) int {
	n := 0
	for c := t.nodes[i].first; c != 0; c = t.nodes[c].next {
		n++
	}
	return n
}

func (n *node) name() string {
	switch n.kind {
	case mapping:
		return "a map"
	case sequence:
		return "a list"
	}
	return "a single value"
}

// jsonNumber is the only form in which a number is one: 0x1F, 1_000, 012 and
// .inf are texts, as they would be in JSON.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// maxExact is the greatest whole number that no other is taken for when it is
// held as a double (RFC 7493 §2.2): 2^53+1 would become 2^53.
const maxExact = 1<<53 - 1

// plain returns what an unquoted scalar means: nothing, true or false, a
// number, or the text itself (YAML 1.2.2 §10.3.2, less the numbers that JSON
// does not have). exact is false for a number that cannot be kept exactly.
func plain(s string) (value any, exact bool) {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return nil, true
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	if c := s[0]; c != '-' && !isDigit(c) {
		return s, true
	}
	if smallNumber(s) {
		return json.Number(s), true
	}
	if !jsonNumber.MatchString(s) {
		return s, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) > maxExact {
		return nil, false
	}
	return json.Number(s), true
}

// smallNumber reports whether a text is a whole number of a few digits, as most
// numbers are.
func smallNumber(s string) bool {
	if len(s) > 9 || s[0] == '0' && len(s) > 1 {
		return false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}
