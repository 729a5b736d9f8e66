package schema_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"netsync/schema"
	"netsync/schema/sample"
)

// allKinds are the manifest and the collections.
func allKinds() []schema.Collection { return append([]schema.Collection{""}, schema.Collections()...) }

// sampleRecords decodes the sample dataset's records of a kind, by file.
func sampleRecords(t testing.TB, c schema.Collection) map[string]any {
	pattern := "dataset.yaml"
	if c != "" {
		pattern = string(c) + "/*.yaml"
	}
	names, err := fs.Glob(sample.FS(), pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no sample records %s: %v", pattern, err)
	}
	records := make(map[string]any)
	for _, name := range names {
		data, err := fs.ReadFile(sample.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := yaml.Unmarshal(data, &value); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		records[path.Base(name)] = value
	}
	return records
}

// validRecords are the sample records, the examples of the schema file, and
// one record with an example of everything that a record may have.
func validRecords(t testing.TB, c schema.Collection) []any {
	shape := schema.ShapeOf(c)
	full := map[string]any{}
	for name, property := range shape.Properties {
		if len(property.Examples) > 0 {
			full[name] = property.Examples[len(property.Examples)-1]
		}
	}
	if len(full) == 0 {
		t.Fatalf("the schema of %q has no examples", c)
	}
	records := append([]any{full}, shape.Examples...)
	byName := sampleRecords(t, c)
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		records = append(records, byName[name])
	}
	return records
}

// A mutator changes records at random, the same way for the same seed.
type mutator struct{ *rand.Rand }

// pick returns one of several.
func pick[T any](m mutator, from []T) T { return from[m.IntN(len(from))] }

// mutated returns a copy of a record in which a few things may be different.
func (m mutator) mutated(record any, shape *schema.Shape) any {
	record = m.clone(record)
	for range m.IntN(4) {
		record = m.mutate(record, shape)
	}
	return record
}

// clone copies a value, its numbers in any of the forms that mean the same.
func (m mutator) clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		object := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			object[key] = m.clone(v[key])
		}
		return object
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = m.clone(v[i])
		}
		return items
	case int:
		return pick(m, []any{v, int64(v), float64(v), json.Number(fmt.Sprint(v)), json.Number(fmt.Sprint(v, ".0")), json.Number(fmt.Sprint(v, "0e-1"))})
	}
	return v
}

// mutate changes one place of a value, mostly deeper down.
func (m mutator) mutate(v any, shape *schema.Shape) any {
	if shape == nil {
		shape = &schema.Shape{}
	}
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 && m.IntN(4) > 0 {
			key := pick(m, slices.Sorted(maps.Keys(v)))
			v[key] = m.mutate(v[key], shape.Property(key))
			return v
		}
		return m.mutateObject(v, shape)
	case []any:
		if len(v) > 0 && m.IntN(2) > 0 {
			i := m.IntN(len(v))
			v[i] = m.mutate(v[i], shape.Items)
			return v
		}
		return m.mutateArray(v)
	case string:
		if m.IntN(3) == 0 {
			return m.mutateText(v)
		}
	}
	if len(shape.Examples) > 0 && m.IntN(3) == 0 {
		return m.clone(pick(m, shape.Examples))
	}
	return m.value()
}

func (m mutator) mutateObject(v map[string]any, shape *schema.Shape) any {
	key := "x-none"
	if len(v) > 0 {
		key = pick(m, slices.Sorted(maps.Keys(v)))
	}
	switch m.IntN(8) {
	case 0:
		delete(v, key)
	case 1: // rename
		v[m.mutateText(key)] = v[key]
		delete(v, key)
	case 2:
		v[pick(m, []string{"x-", "x-own", "x-" + key})] = m.value()
	case 3:
		v[pick(m, []string{"", "X-own", "x", "names", "en", "nl-BE", "EN", "de-1996", "e"})] = m.value()
	case 4, 5:
		if names := slices.Sorted(maps.Keys(shape.Properties)); len(names) > 0 {
			name := pick(m, names)
			if examples := shape.Properties[name].Examples; len(examples) > 0 {
				v[name] = m.clone(pick(m, examples))
			}
		}
	case 6:
		return map[string]any{key: v}
	default:
		return m.value()
	}
	return v
}

func (m mutator) mutateArray(v []any) any {
	switch m.IntN(6) {
	case 0:
		if len(v) > 0 {
			v = append(v, m.clone(pick(m, v)))
		}
	case 1:
		if len(v) > 0 {
			v = v[1:]
		}
	case 2:
		m.Shuffle(len(v), func(i, j int) { v[i], v[j] = v[j], v[i] })
	case 3:
		v = append(v, m.value())
	case 4:
		for i := range m.IntN(60) {
			v = append(v, fmt.Sprint("many-", i))
		}
		v = append(v, fmt.Sprint("many-", m.IntN(100)))
	default:
		return m.value()
	}
	return v
}

// mutateText cuts, doubles or replaces a little of a string.
func (m mutator) mutateText(s string) string {
	from := m.IntN(len(s) + 1)
	to := min(len(s), from+m.IntN(3))
	return s[:from] + pick(m, []string{"", "a", "-", "X", "7", " ", "\n", "é", "\xff", "/", s[from:]}) + s[to:]
}

// value makes one of everything that a maintainer might write, and more.
func (m mutator) value() any {
	switch m.IntN(4) {
	case 0:
		return m.clone(pick(m, numberForms()))
	case 1:
		return pick(m, oddValues())
	default:
		return pick(m, oddTexts())
	}
}

func numberForms() []any {
	forms := []any{0, 1, -1, 999, 1000, 1987, 9999, 10000, int64(math.MaxInt64), 1987.5, math.Copysign(0, -1), 1e21, 0.1, float32(2012), uint8(7), uint64(math.MaxUint64), math.NaN(), math.Inf(-1), 9007199254740993.0}
	for _, text := range []string{"-0", "0.0", "1.0", "1e3", "1E3", "10e2", "1987.00", "0.1987e4", "1987.5", "999.9999999999999999999", "9999.0000000000000000001", "1e400", "-1e-400", "123456789012345678901234567890"} {
		forms = append(forms, json.Number(text))
	}
	return forms
}

func oddValues() []any {
	return []any{
		nil, true, false, []any{}, map[string]any{}, []any{"a", "a"}, []any{1, 1.0}, []any{map[string]any{}, map[string]any{}},
		map[string]any{"en": "Water", "nl": "Water"}, map[string]any{"en": ""}, map[string]any{"english": "Water"}, map[string]any{"en": 1}, map[string]any{"a": map[string]any{"b": []any{nil}}},
		map[string]any{"url": "https://example.org/"}, map[string]any{"x-own": 1}, map[any]any{"en": "Water"}, []string{"a"}, time.Time{}, struct{}{},
	}
}

func oddTexts() []any {
	texts := []any{
		"", " ", "\t\n", "\v", "\u00a0", "\x00", "\xff", "é", "netsync/v1", "netsync/v2", "key", "member", "hub", "university", "collaboration",
		"una-europa", "a", "-a", "a-", "a--b", "A-b", "ü", "a b", "a\n", "1987", "199X", "19X7", "2024-06", "2024-6", "2024-06-30", "2024-XX-XX?", "1987/..", "/", "soon", "1987~%",
		"en", "nl", "pt-BR", "zh-Hant", "EN", "en-", "en-x-a", "https://example.org/", "http://", "ftp://example.org", "HTTPS://example.org/", " https://example.org", "NL", "nl", "NLD",
		"https://ror.org/02e2c7k09", "https://ror.org/02e2c7k0", "Q752663", "Q0", "0000 0001 2097 4740", "000000012097474X", "grid.5292.c", "assets/lde.svg", "assets/../x.svg", "assets/a/b.png", "assets/lde.exe",
	}
	for _, n := range []int{35, 36, 40, 41, 64, 65, 200, 201, 255, 256} {
		texts = append(texts, strings.Repeat("a", n), strings.Repeat("é", n), "assets/"+strings.Repeat("a", n-len("assets/.svg"))+".svg", "en-x"+strings.Repeat("-abcdefgh", n/9))
	}
	return append(texts, "https://"+strings.Repeat("é", 2040), "https://"+strings.Repeat("a", 2041))
}
