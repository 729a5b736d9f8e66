package story

import (
	"bytes"

	"netsync/schema"
)

// A value is a JSON value or, if not isSet, none: a missing key differs from
// null.
type value struct {
	json  any
	isSet bool
}

// valueOf decodes a record. The zero Record gives no value, and invalid JSON a
// string.
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

// isObject reports whether v is an object or not set, which is treated like an
// empty object.
func (v value) isObject() bool {
	_, ok := v.json.(map[string]any)
	return ok || !v.isSet
}

func (v value) asObject() map[string]any {
	m, _ := v.json.(map[string]any)
	return m
}

func (v value) valueAt(key string) value {
	item, ok := v.asObject()[key]
	return value{item, ok}
}

// pickKeys returns the object with these keys only. It is not set if it has
// none of them.
func (v value) pickKeys(keys ...string) value {
	m := make(map[string]any)
	for _, key := range keys {
		if item := v.valueAt(key); item.isSet {
			m[key] = item.json
		}
	}
	return value{m, len(m) > 0}
}

func (v value) isEqual(other value) bool {
	return v.isSet == other.isSet && bytes.Equal(v.canonicalJSON(), other.canonicalJSON())
}

func (v value) canonicalJSON() []byte {
	if !v.isSet {
		return nil
	}
	data, err := schema.Canonical(v.json)
	if err != nil {
		return []byte(err.Error()) // unreachable for values of records
	}
	return data
}

// removeCommon removes the common items of two lists, so that readers see what
// was added and removed. Lists that differ in order only are returned
// unchanged.
func removeCommon(before, after value) (value, value) {
	old, ok1 := before.json.([]any)
	now, ok2 := after.json.([]any)
	if !ok1 || !ok2 {
		return before, after
	}
	removed, added := subtractItems(old, now), subtractItems(now, old)
	if len(removed) == 0 && len(added) == 0 {
		return before, after
	}
	return value{removed, true}, value{added, true}
}

// subtractItems returns the items that are not among the others. Each of the
// others matches one item.
func subtractItems(items, others []any) []any {
	remaining := make(map[string]int)
	for _, other := range others {
		remaining[string(value{other, true}.canonicalJSON())]++
	}
	var out []any
	for _, item := range items {
		data := string(value{item, true}.canonicalJSON())
		if remaining[data] == 0 {
			out = append(out, item)
			continue
		}
		remaining[data]--
	}
	return out
}
