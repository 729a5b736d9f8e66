package yaml

import (
	"slices"
	"strconv"
	"strings"
)

// Locate returns the place of the value that a JSON pointer names. Without such a
// value, it is the nearest place above. The place of a map or list is that of its
// key.
func (d *Document) Locate(pointer string) Range { return d.locate(pointer, false) }

// LocateKey returns the place of the key of the value that a JSON pointer names.
func (d *Document) LocateKey(pointer string) Range { return d.locate(pointer, true) }

// LocateMissing returns the place where a missing key belongs in the map that a JSON
// pointer names: after the value of the last of the keys that come before it, or at
// the beginning of the map. The place has no width.
func (d *Document) LocateMissing(pointer string, before []string) Range {
	m, _, found := d.findNode(pointer)
	if !found || d.tree.nodes[m].kind != mapping {
		return d.Locate(pointer)
	}
	for _, key := range slices.Backward(before) {
		if _, value := d.tree.findChild(m, key); value != 0 {
			return d.tree.rangeOf(d.tree.nodes[value].end, d.tree.nodes[value].end)
		}
	}
	start := d.tree.nodes[m].start
	if first := d.tree.nodes[m].first; first != 0 {
		start = d.tree.nodes[first].start
	}
	return d.tree.rangeOf(start, start)
}

// Lookup returns the value that a JSON pointer names, nil if there is none.
func (d *Document) Lookup(pointer string) any {
	var value any = d.Value
	for token := range tokens(pointer) {
		switch v := value.(type) {
		case map[string]any:
			value = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// tokens yields the tokens of a JSON pointer (RFC 6901 §4).
func tokens(pointer string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if pointer == "" {
			return
		}
		for token := range strings.SplitSeq(pointer[1:], "/") {
			if strings.Contains(token, "~") {
				token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
			}
			if !yield(token) {
				return
			}
		}
	}
}

func (d *Document) locate(pointer string, wantKey bool) Range {
	if len(d.tree.nodes) == 0 {
		return Start
	}
	at, key, _ := d.findNode(pointer)
	n := &d.tree.nodes[at]
	if key != 0 && (wantKey || n.kind == mapping || n.kind == sequence) {
		n = &d.tree.nodes[key]
	} else if n.kind == mapping || n.kind == sequence {
		return d.tree.rangeOf(n.start, n.start+1)
	}
	return d.tree.rangeOf(n.start, n.end)
}

// findNode follows a JSON pointer as far as there are values. key is the key of the
// value that it found, 0 if that is an item of a list or the root.
func (d *Document) findNode(pointer string) (at, key int, found bool) {
	if len(d.tree.nodes) == 0 {
		return 0, 0, false
	}
	for token := range tokens(pointer) {
		k, v := d.tree.findChild(at, token)
		if v == 0 {
			return at, key, false
		}
		at, key = v, k
	}
	return at, key, true
}

// findChild returns a map's value with its key, or a list's item without one; zeros
// if there is none.
func (t *tree) findChild(i int, token string) (key, value int) {
	if t.nodes[i].kind == scalar || t.nodes[i].kind == text {
		return 0, 0
	}
	c := t.indexChildren(i)
	if t.nodes[i].kind == mapping {
		if c.byKey != nil {
			key = c.byKey[token]
		} else {
			key = t.findKey(i, token)
		}
		if key == 0 {
			return 0, 0
		}
		return key, t.nodes[key].next
	}
	n, err := strconv.Atoi(token)
	switch {
	case err != nil || n < 0:
		return 0, 0
	case c.items == nil:
		return 0, t.itemAt(i, n)
	case n < len(c.items):
		return 0, c.items[n]
	}
	return 0, 0
}

// itemAt returns an item of a small list.
func (t *tree) itemAt(list, n int) int {
	c := t.nodes[list].first
	for ; c != 0 && n > 0; n-- {
		c = t.nodes[c].next
	}
	return c
}

// findKey returns a key of a small map.
func (t *tree) findKey(m int, name string) int {
	for k := t.nodes[m].first; k != 0; k = t.nodes[t.nodes[k].next].next {
		if t.nodes[k].value == name {
			return k
		}
	}
	return 0
}

// children is an index of a large map or list, so that many findings in one
// file do not cost its square.
type children struct {
	byKey map[string]int // the first key of each name
	items []int
}

// small is how many entries a map or list may have that needs no index.
const small = 64

func (t *tree) indexChildren(i int) children {
	if c, ok := t.index[i]; ok {
		return c
	}
	var c children
	switch t.nodes[i].kind {
	case mapping:
		if t.countChildren(i) <= 2*small {
			return c
		}
		c.byKey = make(map[string]int)
		for k := t.nodes[i].first; k != 0; k = t.nodes[t.nodes[k].next].next {
			if _, ok := c.byKey[t.nodes[k].value]; !ok {
				c.byKey[t.nodes[k].value] = k
			}
		}
	case sequence:
		if t.countChildren(i) <= small {
			return c
		}
		for n := t.nodes[i].first; n != 0; n = t.nodes[n].next {
			c.items = append(c.items, n)
		}
	}
	if t.index == nil {
		t.index = make(map[int]children)
	}
	t.index[i] = c
	return c
}
