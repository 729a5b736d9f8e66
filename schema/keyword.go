package schema

import (
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"
)

// typed compiles the keyword type: a name or a list of them.
func typed(at place, value any) *check {
	names, ok := value.([]any)
	if !ok {
		names = []any{value}
	}
	result := &check{}
	for _, name := range names {
		result.kinds |= kindsOf(at, text(at, name))
	}
	if slices.Contains(names, any("integer")) && !slices.Contains(names, any("number")) {
		result.number = number.whole
	}
	return result
}

func kindsOf(at place, name string) kinds {
	switch name {
	case "null":
		return isNull
	case "boolean":
		return isTrue | isFalse
	case "number", "integer":
		return isNumber
	case "string":
		return isText
	case "array":
		return isArray
	case "object":
		return isObject
	}
	at.refuse("names no type of JSON: " + name)
	return noKind
}

// oneOf compiles enum, and const, which is an enum of one.
func oneOf(at place, values []any) *check {
	result := &check{}
	var numbers []number
	var texts []string
	var arrays [][]any
	var objects []map[string]any
	for _, value := range values {
		switch value := value.(type) {
		case nil:
			result.kinds |= isNull
		case bool:
			result.kinds |= map[bool]kinds{true: isTrue, false: isFalse}[value]
		case string:
			result.kinds |= isText
			texts = append(texts, value)
		case []any:
			result.kinds |= isArray
			arrays = append(arrays, value)
		case map[string]any:
			result.kinds |= isObject
			objects = append(objects, value)
		default:
			result.kinds |= isNumber
			numbers = append(numbers, numeral(at, value))
		}
	}
	result.number = among(numbers, number.equal)
	result.text = func(s string) bool { return slices.Contains(texts, s) }
	result.array = among(arrays, equalArrays)
	result.object = among(objects, equalObjects)
	return result
}

func among[T any](values []T, equal func(a, b T) bool) rule[T] {
	return func(v T) bool {
		return slices.ContainsFunc(values, func(value T) bool { return equal(v, value) })
	}
}

// textKeyword compiles a keyword about strings. Lengths are counted in code
// points (JSON Schema Validation, §6.3).
func textKeyword(at place, name string, value any) *check {
	if name == "pattern" {
		return &check{kinds: anyKind, text: matcher(text(at, value))}
	}
	n := count(at, value)
	holds := func(s string) bool { return len(s) <= n || utf8.RuneCountInString(s) <= n }
	if name == "minLength" {
		holds = func(s string) bool { return len(s) >= n && utf8.RuneCountInString(s) >= n }
	}
	return &check{kinds: anyKind, text: holds}
}

func numberKeyword(at place, name string, value any) *check {
	bound := numeral(at, value)
	holds := func(n number) bool { return n.compare(bound) <= 0 }
	if name == "minimum" {
		holds = func(n number) bool { return n.compare(bound) >= 0 }
	}
	return &check{kinds: anyKind, number: holds}
}

func (c *compiler) arrayKeyword(at place, name string, value any) *check {
	result := &check{kinds: anyKind}
	switch name {
	case "items":
		item := c.compile(at, value)
		result.array = func(items []any) bool {
			for _, v := range items {
				if !item.valid(v) {
					return false
				}
			}
			return true
		}
	case "minItems":
		n := count(at, value)
		result.array = func(items []any) bool { return len(items) >= n }
	case "uniqueItems":
		if value != false {
			result.array = allDiffer
		}
	}
	return result
}

// The following read the value of a keyword. The library's own check of the
// files against the meta-schema says more where they are wrong.

func text(at place, value any) string {
	s, ok := value.(string)
	if !ok {
		at.refuse("is not a string")
	}
	return s
}

func list(at place, value any) []any {
	items, ok := value.([]any)
	if !ok {
		at.refuse("is not an array")
	}
	return items
}

func object(at place, value any) map[string]any {
	m, ok := value.(map[string]any)
	if !ok {
		at.refuse("is not an object")
	}
	return m
}

func numeral(at place, value any) number {
	n, ok := readNumber(value)
	if !ok {
		at.refuse("is not a number")
	}
	return n
}

func count(at place, value any) int {
	digits, _ := value.(json.Number)
	n, err := strconv.Atoi(string(digits))
	if err != nil || n < 0 {
		at.refuse("is not a whole number of digits")
	}
	return n
}
