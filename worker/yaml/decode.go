package yaml

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"

	"netsync/schema"
)

// A decoder turns the nodes of a document into values. at is its place, for the
// problems that it reports.
type decoder struct {
	d  *Document
	at []step
}

// step leads to a map's value or to a list's item.
type step struct {
	key   string
	index int // -1 with a key
}

func (d *decoder) enter(key string, index int) { d.at = append(d.at, step{key, index}) }
func (d *decoder) leave()                      { d.at = d.at[:len(d.at)-1] }

func (d *decoder) currentPointer() string {
	var pointer string
	for _, s := range d.at {
		if s.index < 0 {
			pointer = schema.PointerTo(pointer, s.key)
		} else {
			pointer += "/" + strconv.Itoa(s.index)
		}
	}
	return pointer
}

// addProblem reports a problem with a node.
func (d *decoder) addProblem(k Kind, n *node, format string, args ...any) {
	d.d.addProblem(k, d.d.tree.rangeOf(n.start, n.end), d.currentPointer(), format, args...)
}

// decode turns a node into a value. It refuses what the dataset format leaves
// out of YAML: anchors, aliases, merges, tags and duplicate keys. ok is false if the
// node has no value.
func (d *decoder) decode(i int) (value any, ok bool) {
	n := &d.d.tree.nodes[i]
	if n.unsupported != "" {
		d.addProblem(Feature, n, "%s stands here", n.unsupported)
		return nil, false
	}
	switch n.kind {
	case mapping:
		return d.decodeMapping(i), true
	case sequence:
		return d.decodeSequence(i), true
	case text:
		return n.value, true
	}
	value, exact := parsePlain(n.value)
	if !exact {
		d.addProblem(Number, n, "the number %.40s is too large to be kept exactly", n.value)
		return nil, false
	}
	return value, true
}

func (d *decoder) decodeMapping(i int) map[string]any {
	t := d.d.tree
	out := d.d.buffers.newObject(t.countChildren(i) / 2)
	for k := t.nodes[i].first; k != 0; {
		v := t.nodes[k].next
		key := t.nodes[k].value
		if d.checkKey(&t.nodes[k]) {
			d.enter(key, -1)
			if _, doubled := out[key]; doubled {
				d.addDuplicate(i, k)
			} else {
				out[key], _ = d.decode(v) // nil if it has a problem, which was reported
			}
			d.leave()
		}
		k = t.nodes[v].next
	}
	return out
}

func (d *decoder) addDuplicate(m, key int) {
	t := d.d.tree
	n := &t.nodes[key]
	first, _ := t.findChild(m, n.value)
	line, _ := t.findPosition(t.nodes[first].start)
	d.addProblem(DuplicateKey, n, "the key %q stands in line %d already", n.value, line)
}

func (d *decoder) checkKey(n *node) bool {
	var what string
	switch {
	case n.unsupported != "":
		what = n.unsupported + " stands here"
	case n.kind == mapping || n.kind == sequence:
		what = "the key is " + n.describeKind()
	case n.kind == scalar && n.value == "<<":
		what = "a merge (<<) stands here"
	default:
		return true
	}
	d.addProblem(Feature, n, "%s", what)
	return false
}

func (d *decoder) decodeSequence(i int) []any {
	t := d.d.tree
	out := make([]any, 0, t.countChildren(i))
	for c := t.nodes[i].first; c != 0; c = t.nodes[c].next {
		d.enter("", len(out))
		value, _ := d.decode(c) // nil if it has a problem, which was reported
		d.leave()
		out = append(out, value)
	}
	return out
}

func (t *tree) countChildren(i int) int {
	n := 0
	for c := t.nodes[i].first; c != 0; c = t.nodes[c].next {
		n++
	}
	return n
}

func (n *node) describeKind() string {
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

// parsePlain returns what an unquoted scalar means: nothing, true or false, a
// number, or the text itself (YAML 1.2.2 §10.3.2, less the numbers that JSON
// does not have). exact is false for a number that cannot be kept exactly.
func parsePlain(s string) (value any, exact bool) {
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
	if isSmallNumber(s) {
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

// isSmallNumber reports whether a text is a whole number of a few digits, as most
// numbers are.
func isSmallNumber(s string) bool {
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
