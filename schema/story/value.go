package story

import (
	"bytes"

	"netsync/schema"
)

// A value is a JSON value, or none: a missing key and null are two things.
type value struct {
	json  any
	there bool
}

// valueOf decodes a record; of the zero Record it is none. What is not an
// object is shown as the text that it is.
func valueOf(r schema.Record) value {
	if len(r.JSON) == 0 {
		return value{}
	}
	v, err := r.Value()
	if err != nil {
		return value{string(r.JSON), true}
	}
	return value{v, true}
}

// isObject reports whether v can be looked into: none is an object without
// anything in it.
func (v value) isObject() bool {
	_, ok := v.json.(map[string]any)
	return ok || !v.there
}

func (v value) object() map[string]any {
	m, _ := v.json.(map[string]any)
	return m
}

func (v value) at(key string) value {
	item, ok := v.object()[key]
	return value{item, ok}
}

// pick returns the object with no other than these keys; none where it has
// none of them.
func (v value) pick(keys ...string) value {
	m := make(map[string]any)
	for _, key := range keys {
		if item := v.at(key); item.there {
			m[key] = item.json
		}
	}
	return value{m, len(m) > 0}
}

func (v value) same(other value) bool {
	return v.there == other.there && bytes.Equal(v.canonical(), other.canonical())
}

func (v value) canonical() []byte {
	if !v.there {
		return nil
	}
	data, err := schema.Canonical(v.json)
	if err != nil {
		return []byte(err.Error()) // not from a record: those have a canonical form
	}
	return data
}

// unlike leaves out of two lists what they share, so that a reader sees what
// came and what went. Where nothing remains, they differ in order, and come
// back whole.
func unlike(before, after value) (value, value) {
	old, ok1 := before.json.([]any)
	now, ok2 := after.json.([]any)
	if !ok1 || !ok2 {
		return before, after
	}
	gone, come := without(old, now), without(now, old)
	if len(gone) == 0 && len(come) == 0 {
		return before, after
	}
	return value{gone, true}, value{come, true}
}

// without returns the items that are not among the others, each of which
// makes up for one.
func without(items, others []any) []any {
	left := make(map[string]int)
	for _, other := range others {
		left[string(value{other, true}.canonical())]++
	}
	var out []any
	for _, item := range items {
		data := string(value{item, true}.canonical())
		if left[data] == 0 {
			out = append(out, item)
			continue
		}
		left[data]--
	}
	return out
}
