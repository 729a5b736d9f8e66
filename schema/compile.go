package schema

import (
	"fmt"
	"maps"
	"slices"
)

// A compiler turns decoded schema files into checks. It knows the keywords of
// JSON Schema 2020-12 that the schema files use. At any other it panics when
// the files are compiled, so that nobody can write a keyword that is silently
// not checked.
type compiler struct {
	// resolve finds what a $ref in a file points to.
	resolve func(file, ref string) (place, any)
	// done holds what $refs may point to. A nil check is being compiled.
	done map[place]*check
}

func newCompiler(resolve func(file, ref string) (place, any)) *compiler {
	return &compiler{resolve: resolve, done: make(map[place]*check)}
}

// named compiles, once, a schema that $ref may point to.
func (c *compiler) named(at place, schema any) *check {
	result, seen := c.done[at]
	if seen && result == nil {
		at.refuse("leads back to itself by $ref, which Valid does not follow")
	}
	if !seen {
		c.done[at] = nil
		result = c.compile(at, schema)
		c.done[at] = result
	}
	return result
}

func (c *compiler) compile(at place, schema any) *check {
	switch schema := schema.(type) {
	case bool:
		if schema {
			return &check{anything: true, kinds: anyKind}
		}
		return &check{kinds: noKind}
	case map[string]any:
		if len(schema) == 0 { // another way to write true
			return &check{anything: true, kinds: anyKind}
		}
		return c.keywords(at, schema)
	}
	at.refuse("is no schema")
	return nil
}

// keywords compiles an object of keywords. In the order of the alphabet items
// are checked before they are compared with one another, and the length of a
// text before its pattern, which bounds the work on values that are wrong.
func (c *compiler) keywords(at place, schema map[string]any) *check {
	result := &check{kinds: anyKind, object: c.object(at, schema)}
	for _, name := range slices.Sorted(maps.Keys(schema)) {
		if k := c.keyword(at.to(name), name, schema[name]); k != nil {
			result = both(result, k)
		}
	}
	return result
}

// keyword compiles a keyword that stands on its own. It returns nil for those
// that check nothing here.
func (c *compiler) keyword(at place, name string, value any) *check {
	switch name {
	case "properties", "patternProperties", "additionalProperties", "required":
		return nil // see object
	case "title", "description", "default", "examples", "$comment", "deprecated", "$schema":
		return nil // annotations
	case "x-netsync-kind", "x-netsync-significance", "x-netsync-reference", "x-netsync-vocabulary", "x-netsync-past", "x-netsync-derived":
		return nil // annotations; see Shape
	case "$id":
		return c.identity(at, value)
	case "$defs":
		return c.definitions(at, value)
	case "$ref":
		return c.reference(at, value)
	case "anyOf":
		return c.anyOf(at, value)
	case "type":
		return typed(at, value)
	case "enum":
		return oneOf(at, list(at, value))
	case "const":
		return oneOf(at, []any{value})
	case "pattern", "minLength", "maxLength":
		return textKeyword(at, name, value)
	case "minimum", "maximum":
		return numberKeyword(at, name, value)
	case "items", "minItems", "uniqueItems":
		return c.arrayKeyword(at, name, value)
	case "propertyNames", "minProperties":
		return c.objectKeyword(at, name, value)
	}
	at.refuse("is a keyword that Valid does not know; teach it to compiler.keyword")
	return nil
}

// identity refuses an $id below the root, which would change what the $refs
// below it mean.
func (c *compiler) identity(at place, value any) *check {
	if at.pointer != "/$id" || value != BaseURI+at.file {
		at.refuse("is not the address of the file")
	}
	return nil
}

// definitions compiles them all, also those that nothing refers to, so that
// their keywords are known, too.
func (c *compiler) definitions(at place, value any) *check {
	for name, def := range object(at, value) {
		c.named(at.to(name), def)
	}
	return nil
}

func (c *compiler) reference(at place, value any) *check {
	target, schema := c.resolve(at.file, text(at, value))
	return c.named(target, schema)
}

func (c *compiler) anyOf(at place, value any) *check {
	var alternatives []*check
	for i, schema := range list(at, value) {
		alternatives = append(alternatives, c.compile(at.to(fmt.Sprint(i)), schema))
	}
	return either(alternatives)
}

// refuse panics: the schema files are embedded, so what is wrong with them is
// wrong with the program.
func (p place) refuse(why string) {
	panic(fmt.Sprintf("embedded schema %s#%s %s", p.file, p.pointer, why))
}
