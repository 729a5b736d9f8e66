package webtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"netsync/schema/testkit/npmtest"
)

// A vocabulary is that of schema.org: types, their parents, and their
// properties.
type vocabulary struct {
	parents    map[string][]string            // by type
	properties map[string]map[string][]string // types of values, by type and property
}

var (
	interfaceLine = regexp.MustCompile(`^(?:export )?interface (\w+?)(Base|Leaf) extends ([\w, <>]+) \{`)
	propertyLine  = regexp.MustCompile(`^    "(\w+)"\?: SchemaValue<(.+), "\w+">;`)
)

// schemaOrg reads the vocabulary from schema-dts, which generates TypeScript
// from schema.org's definition: interface PersonBase extends ThingBase has a
// type's properties, and interface PersonLeaf extends PersonBase has its name.
func schemaOrg(t testing.TB) vocabulary {
	t.Helper()
	name := filepath.Join(npmtest.Folder(t, "schema-dts", needHTML), "dist", "schema.d.ts")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	v := vocabulary{make(map[string][]string), make(map[string]map[string][]string)}
	var current, part string
	for line := range strings.Lines(string(data)) {
		if m := interfaceLine.FindStringSubmatch(line); m != nil {
			current, part = m[1], m[2]
			for parent := range strings.SplitSeq(m[3], ", ") {
				if parent = strings.TrimSuffix(parent, "Base"); parent != current && !strings.Contains(parent, "<") {
					v.parents[current] = append(v.parents[current], parent)
				}
			}
		}
		if m := propertyLine.FindStringSubmatch(line); m != nil && part == "Base" {
			if v.properties[current] == nil {
				v.properties[current] = make(map[string][]string)
			}
			v.properties[current][m[1]] = strings.Split(m[2], " | ")
		}
	}
	if len(v.properties["Thing"]) == 0 && len(v.properties["Organization"]) == 0 {
		t.Fatalf("%s does not describe schema.org as it did", name)
	}
	return v
}

// hasType reports whether a type exists.
func (v vocabulary) hasType(kind string) bool { return kind == "Thing" || len(v.parents[kind]) > 0 }

// isSubtype reports whether kind is the type of, or a subtype of it.
func (v vocabulary) isSubtype(kind, of string) bool {
	if kind == of {
		return true
	}
	for _, parent := range v.parents[kind] {
		if v.isSubtype(parent, of) {
			return true
		}
	}
	return false
}

// valueTypes returns the types of a property's values, or nil if the type has
// no such property.
func (v vocabulary) valueTypes(kind, property string) []string {
	if types := v.properties[kind][property]; types != nil {
		return types
	}
	for _, parent := range v.parents[kind] {
		if types := v.valueTypes(parent, property); types != nil {
			return types
		}
	}
	return nil
}
