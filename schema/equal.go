package schema

// equal reports whether two JSON values are the same: numbers by value, objects
// whatever the order of their keys (JSON Schema Core, §4.2.2).
func equal(a, b any) bool {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && a == b
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && equalObjects(a, b)
	case []any:
		b, ok := b.([]any)
		return ok && equalArrays(a, b)
	case nil:
		return b == nil
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	}
	n, ok := readNumber(a)
	m, okToo := readNumber(b)
	return ok && okToo && n.equal(m)
}

func equalArrays(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalObjects(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for key, value := range a {
		other, ok := b[key]
		if !ok || !equal(value, other) {
			return false
		}
	}
	return true
}

// few is up to how many items each is compared with each, which takes no
// memory and for so few no time.
const few = 32

// allDiffer reports whether no two items are equal.
func allDiffer(items []any) bool {
	if len(items) > few {
		return uniqueAmongMany(items)
	}
	for i := 1; i < len(items); i++ {
		for _, earlier := range items[:i] {
			if equal(items[i], earlier) {
				return false
			}
		}
	}
	return true
}

// uniqueAmongMany compares only items that have one canonical form. Equal
// items always do; different ones may: long numbers are rounded in it, and
// what has none counts as the empty one.
func uniqueAmongMany(items []any) bool {
	texts := make(map[string]bool, len(items))
	others := make(map[string][]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			if texts[s] {
				return false
			}
			texts[s] = true
			continue
		}
		form, _ := Canonical(item)
		for _, earlier := range others[string(form)] {
			if equal(item, earlier) {
				return false
			}
		}
		others[string(form)] = append(others[string(form)], item)
	}
	return true
}
