package schema

import "slices"

// A check is one compiled schema. It is taken apart by the type of the value,
// so that a value meets only what concerns its type: "a string, or an object
// of strings" costs one look at what the value is, not two attempts.
type check struct {
	// anything is the schema true, which accepts even what JSON has no word
	// for.
	anything bool
	// kinds are the types of value that are accepted at all.
	kinds kinds

	number rule[number]
	text   rule[string]
	array  rule[[]any]
	object rule[map[string]any]
}

// A rule says what a value of its type must fulfil. Where it is nil, every
// value does.
type rule[T any] func(T) bool

func (r rule[T]) holds(v T) bool { return r == nil || r(v) }

// kinds is a set of types of JSON values. true and false count as two types,
// so that no rule is needed to tell them apart.
type kinds uint8

const (
	isNull kinds = 1 << iota
	isTrue
	isFalse
	isNumber
	isText
	isArray
	isObject

	noKind  kinds = 0
	anyKind kinds = isNull | isTrue | isFalse | isNumber | isText | isArray | isObject
)

// valid reports whether a value satisfies the schema.
func (c *check) valid(v any) bool {
	if c.anything {
		return true
	}
	switch v := v.(type) {
	case string:
		return c.validText(v)
	case map[string]any:
		return c.kinds&isObject != 0 && c.object.holds(v)
	case []any:
		return c.kinds&isArray != 0 && c.array.holds(v)
	case nil:
		return c.kinds&isNull != 0
	case bool:
		return v && c.kinds&isTrue != 0 || !v && c.kinds&isFalse != 0
	}
	if c.kinds&isNumber == 0 {
		return false
	}
	n, ok := readNumber(v)
	return ok && c.number.holds(n)
}

// validText is valid for a string, which need not become an any for it.
func (c *check) validText(s string) bool {
	return c.anything || c.kinds&isText != 0 && c.text.holds(s)
}

// both is the schema that holds where a and b hold.
func both(a, b *check) *check {
	return &check{
		anything: a.anything && b.anything,
		kinds:    a.kinds & b.kinds,
		number:   and(a.number, b.number),
		text:     and(a.text, b.text),
		array:    and(a.array, b.array),
		object:   and(a.object, b.object),
	}
}

func and[T any](a, b rule[T]) rule[T] {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(v T) bool { return a(v) && b(v) }
}

// either is the schema that holds where one of several holds.
func either(alternatives []*check) *check {
	var all kinds
	for _, c := range alternatives {
		all |= c.kinds
	}
	return &check{
		kinds:  all,
		number: or(alternatives, isNumber, func(c *check) rule[number] { return c.number }),
		text:   or(alternatives, isText, func(c *check) rule[string] { return c.text }),
		array:  or(alternatives, isArray, func(c *check) rule[[]any] { return c.array }),
		object: or(alternatives, isObject, func(c *check) rule[map[string]any] { return c.object }),
	}
}

// or joins the rules of those alternatives that accept a type at all.
func or[T any](alternatives []*check, kind kinds, of func(*check) rule[T]) rule[T] {
	var rules []rule[T]
	for _, c := range alternatives {
		if c.kinds&kind == 0 {
			continue
		}
		if of(c) == nil {
			return nil
		}
		rules = append(rules, of(c))
	}
	if len(rules) == 1 {
		return rules[0]
	}
	return func(v T) bool {
		return slices.ContainsFunc(rules, func(r rule[T]) bool { return r(v) })
	}
}
