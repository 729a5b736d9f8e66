package schema

import (
	"strings"
	"sync"
)

// Valid reports whether a decoded value satisfies the schema of a
// collection's records; that of the manifest, where c is "". Its answer is
// that of Validator(c).Validate(value) == nil, many times faster and without
// the reasons: where it says no, ask Validator why.
//
// The value is built of map[string]any, []any, string, bool, nil, json.Number
// and Go's own numbers. A json.Number holds a number as JSON writes it. c is
// "" or one of Collections. Valid changes nothing and is safe for use by
// several goroutines.
func Valid(c Collection, value any) bool { return checks()[kindOf(c)].valid(value) }

// checks holds the compiled schema files by kind.
var checks = sync.OnceValue(func() map[string]*check {
	c := newCompiler(resolve)
	all := make(map[string]*check)
	for name, doc := range documents() {
		all[strings.TrimSuffix(name, ".schema.json")] = c.named(place{name, ""}, doc)
	}
	return all
})
