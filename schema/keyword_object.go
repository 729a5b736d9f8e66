package schema

import (
	"maps"
	"slices"
)

// An objectCheck checks properties, patternProperties, additionalProperties
// and required together, in one pass over the object.
type objectCheck struct {
	known    map[string]property
	patterns []patternCheck
	// others is for the values whose keys are neither known nor match a
	// pattern; nil where all are welcome.
	others *check
	// needed is how many known keys are required, unknown names the keys that
	// are required and not known.
	needed  int
	unknown []string
}

// A property is what is known of a key: its value satisfies what properties
// and every matching pattern say.
type property struct {
	value    *check
	required bool
}

type patternCheck struct {
	matches func(string) bool
	value   *check
}

// object compiles the keywords that say which keys an object has.
func (c *compiler) object(at place, schema map[string]any) rule[map[string]any] {
	o := &objectCheck{known: make(map[string]property)}
	patterns := c.schemas(at.to("patternProperties"), schema["patternProperties"])
	for _, pattern := range slices.Sorted(maps.Keys(patterns)) {
		o.patterns = append(o.patterns, patternCheck{matcher(pattern), patterns[pattern]})
	}
	for name, value := range c.schemas(at.to("properties"), schema["properties"]) {
		o.known[name] = property{value: o.withPatterns(name, value)}
	}
	if others, ok := schema["additionalProperties"]; ok {
		o.others = c.compile(at.to("additionalProperties"), others)
	}
	if required, ok := schema["required"]; ok {
		for _, key := range list(at.to("required"), required) {
			o.require(text(at.to("required"), key))
		}
	}
	return o.rule()
}

// schemas compiles an object of schemas, which may be missing.
func (c *compiler) schemas(at place, value any) map[string]*check {
	all := make(map[string]*check)
	if value == nil {
		return all
	}
	for name, schema := range object(at, value) {
		all[name] = c.compile(at.to(name), schema)
	}
	return all
}

// withPatterns adds what the patterns that a known key matches say, so that
// known keys need not be matched again.
func (o *objectCheck) withPatterns(name string, value *check) *check {
	for _, p := range o.patterns {
		if p.matches(name) {
			value = both(value, p.value)
		}
	}
	return value
}

func (o *objectCheck) require(key string) {
	p, ok := o.known[key]
	if !ok {
		o.unknown = append(o.unknown, key)
		return
	}
	p.required = true
	o.known[key] = p
	o.needed++
}

// rule picks the shortest way to check.
func (o *objectCheck) rule() rule[map[string]any] {
	switch {
	case len(o.known) > 0 || len(o.patterns) > 0 || len(o.unknown) > 0:
		return o.valid
	case o.others != nil:
		return o.validOthers
	}
	return nil
}

func (o *objectCheck) valid(m map[string]any) bool {
	missing := o.needed
	for key, value := range m {
		p, ok := o.known[key]
		if !ok {
			if !o.validOther(key, value) {
				return false
			}
			continue
		}
		if p.required {
			missing--
		}
		if !p.value.valid(value) {
			return false
		}
	}
	return missing == 0 && o.hasUnknown(m)
}

// validOther checks the value of a key that is not known.
func (o *objectCheck) validOther(key string, value any) bool {
	matched := false
	for _, p := range o.patterns {
		if p.matches(key) {
			matched = true
			if !p.value.valid(value) {
				return false
			}
		}
	}
	return matched || o.others == nil || o.others.valid(value)
}

// validOthers checks an object of which no key is known.
func (o *objectCheck) validOthers(m map[string]any) bool {
	for _, value := range m {
		if !o.others.valid(value) {
			return false
		}
	}
	return true
}

func (o *objectCheck) hasUnknown(m map[string]any) bool {
	for _, key := range o.unknown {
		if _, ok := m[key]; !ok {
			return false
		}
	}
	return true
}

// objectKeyword compiles a keyword about objects that stands on its own.
func (c *compiler) objectKeyword(at place, name string, value any) *check {
	if name == "minProperties" {
		n := count(at, value)
		return &check{kinds: anyKind, object: func(m map[string]any) bool { return len(m) >= n }}
	}
	names := c.compile(at, value)
	return &check{kinds: anyKind, object: func(m map[string]any) bool {
		for key := range m {
			if !names.validText(key) {
				return false
			}
		}
		return true
	}}
}
