package webtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"netsync/schema/testkit/npmtest"
)

// A vocabulary is what schema.org knows: types, what they are kinds of, and
// which properties each may have.
type vocabulary struct {
	parents    map[string][]string            // of a type
	properties map[string]map[string][]string // of a type, the types of its values
}

var (
	interfaceLine = regexp.MustCompile(`^(?:export )?interface (\w+?)(Base|Leaf) extends ([\w, <>]+) \{`)
	propertyLine  = regexp.MustCompile(`^    "(\w+)"\?: SchemaValue<(.+), "\w+">;`)
)

// schemaOrg reads the vocabulary from schema-dts, which makes TypeScript of
// schema.org's own definition: interface PersonBase extends ThingBase holds a
// type's properties, interface PersonLeaf extends PersonBase gives its name.
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

// knows reports whether there is such a type.
func (v vocabulary) knows(kind string) bool { return kind == "Thing" || len(v.parents[kind]) > 0 }

// is reports whether one type is another, or a kind of it.
func (v vocabulary) is(kind, of string) bool {
	if kind == of {
		return true
	}
	for _, parent := range v.parents[kind] {
		if v.is(parent, of) {
			return true
		}
	}
	return false
}

// values returns the types of the values that a property of a type may have;
// nil where the type has no such property.
func (v vocabulary) values(kind, property string) []string {
	if types := v.properties[kind][property]; types != nil {
		return types
	}
	for _, parent := range v.parents[kind] {
		if types := v.values(parent, property); types != nil {
			return types
		}
	}
	return nil
}
