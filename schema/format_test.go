package schema_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"testing"

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

// validRecords returns the sample records, the examples of the schema file, and
// one record with an example of every field.
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
	return slices.AppendSeq(records, maps.Values(sampleRecords(t, c)))
}

func TestSamplesAndExamplesAreValid(t *testing.T) {
	t.Parallel()
	for _, c := range allKinds() {
		for _, record := range validRecords(t, c) {
			if err := schema.Validator(c).Validate(record); err != nil {
				t.Errorf("%q: %v is not valid: %v", c, record, err)
			}
		}
	}
}

// A place puts a value into a record: it returns the properties that hold it.
type place func(value any) map[string]any

func fieldPlace(name string) place {
	return func(value any) map[string]any { return map[string]any{name: value} }
}

// nestedPlace returns the place of a field of an object.
func nestedPlace(object, name string) place {
	return func(value any) map[string]any {
		return map[string]any{object: map[string]any{name: value}}
	}
}

// keyOf returns the place of a key of an object of texts.
func keyOf(object string) place {
	return func(key any) map[string]any {
		return map[string]any{object: map[string]any{fmt.Sprint(key): "Water"}}
	}
}

// asObject returns properties unchanged.
func asObject(value any) map[string]any { return value.(map[string]any) }

// A form lists valid and invalid values for places of a record.
type form struct {
	name      string
	kind      schema.Collection
	place     place
	good, bad []any
}

func allForms() []form {
	return slices.Concat(formsOfTexts(), formsOfNames(), formsOfDates(), formsOfNumbers(), formsOfCollections())
}

func formsOfTexts() []form {
	long := func(n int) string { return strings.Repeat("é", n) }
	return []form{
		{
			"text", schema.Networks, fieldPlace("name"),
			[]any{"Water", " é", map[string]any{"en": "Water"}, map[string]any{"en": "Water", "pt-BR": "Água"}},
			[]any{"", " ", "\t\n", nil, 1, true, []any{"Water"}, map[string]any{}, map[string]any{"en": ""}, map[string]any{"en": " "}, map[string]any{"en": 1}, map[string]any{"english": "Water"}},
		},
		{"acronym", schema.Networks, fieldPlace("acronym"), []any{"LERU", "é", long(40)}, []any{"", " ", long(41), 1}},
		{
			"image", schema.Networks, nestedPlace("logo", "path"),
			[]any{"assets/lde.svg", "assets/a/b.png", "assets/" + strings.Repeat("a", 244) + ".svg"},
			[]any{"lde.svg", "assets/../x.svg", "assets/.x.svg", "assets/a//b.png", "assets/lde.exe", "assets/lde.svg\n", "assets/" + strings.Repeat("a", 245) + ".svg"},
		},
		{
			"web address", "", fieldPlace("homepage"),
			[]any{"https://example.org/", "http://a", "https://" + long(2040)},
			[]any{"", "http:/", "ftp://example.org", "HTTPS://example.org/", " https://example.org", "https://" + long(2041)},
		},
		{"tier", schema.Networks, fieldPlace("tier"), []any{"key", "member"}, []any{"", "Key", "key ", nil, 1}},
		{"format", "", fieldPlace("schema"), []any{"netsync/v1"}, []any{"netsync/v2", "netsync/v1 ", 1}},
	}
}

func formsOfNames() []form {
	languages := form{
		"language", schema.Networks, keyOf("name"),
		[]any{"en", "nl", "pt-BR", "zh-Hant", "zh-Hant-TW", "es-419", "de-1996", "sl-rozaj-1994-biske", "de-419-u-co-phonebk-x-a", "en-x-a", "en-x-abcdefgh-abcdefgh-abcdefgh-a"},
		[]any{"", "e", "EN", "english", "en-", "en-x", "en-a", "en-nl", "en\n", "en-abcdefghi", "en-x-abcdefgh-abcdefgh-abcdefgh-abcdefgh"},
	}
	ids := form{
		"id", schema.Networks, fieldPlace("id"),
		[]any{"a", "1", "una-europa", "a-1-b", strings.Repeat("a", 64)},
		[]any{"", "-a", "a-", "a--b", "A-b", "ü", "a b", "a\n", "a_b", strings.Repeat("a", 65), 1},
	}
	term := ids
	term.name, term.kind = "term", ""
	term.place = func(key any) map[string]any {
		return map[string]any{"vocabularies": map[string]any{"topics": keyOf("terms")(key)["terms"]}}
	}
	term.bad = slices.DeleteFunc(slices.Clone(term.bad), func(v any) bool { return v == 1 }) // a key is a string
	return []form{
		languages, ids, term,
		{"country", schema.Organizations, fieldPlace("country"), []any{"NL"}, []any{"", "nl", "N", "NLD", "NL\n", "ÉÉ"}},
		{
			"ROR", schema.Organizations, nestedPlace("identifiers", "ror"),
			[]any{"https://ror.org/02e2c7k09"},
			[]any{"02e2c7k09", "http://ror.org/02e2c7k09", "https://ror.org/02e2c7k0", "https://ror.org/02e2c7k099", "https://ror.org/12e2c7k09", "https://ror.org/02e2i7k09", "https://ror.org/02e2c7k0a"},
		},
		{"Wikidata", schema.Organizations, nestedPlace("identifiers", "wikidata"), []any{"Q1", "Q752663"}, []any{"Q", "Q0", "Q01", "q1", "1", "Q1a"}},
		{
			"ISNI", schema.Organizations, nestedPlace("identifiers", "isni"),
			[]any{"0000 0001 2097 4740", "000000012097474X"}, []any{"0000 0001 2097 474", "0000-0001-2097-4740", "X000000120974740"},
		},
		{"GRID", schema.Organizations, nestedPlace("identifiers", "grid"), []any{"grid.5292.c"}, []any{"grid.5292", "grid..c", "grid.5292.g", "Grid.5292.c"}},
	}
}

func formsOfDates() []form {
	return []form{{
		"date", schema.Networks, fieldPlace("founded"),
		[]any{
			"1987", "199X", "19XX", "2024-06", "2024-XX", "2024-06-30", "2024-06-XX", "2024-XX-XX", "1987?", "1987~", "2024-06-30%",
			"1987/1990", "1987/..", "../1990", "/1990", "199X/2024-06?", "/", "../..", "2024-13", "2023-02-29", // the rule for dates refuses the last four
		},
		[]any{
			"", "87", "19X7", "1XXX", "2024-6", "2024-0X", "2024-06-3", "2024-06-3X", "2024-06-30-01", "1987~%", "1987??", "1987/199X/2000", "1987//", "....", ".../1990",
			"soon", "1987\n", " 1987", "١٩٨٧", nil, true, []any{"1987"},
		},
	}}
}

// formsOfNumbers returns equal numbers written in several ways.
func formsOfNumbers() []form {
	digits := func(texts ...string) (all []any) {
		for _, text := range texts {
			all = append(all, json.Number(text))
		}
		return all
	}
	return []form{
		{
			"year", schema.Networks, fieldPlace("founded"),
			append(digits("1000", "1987", "1987.00", "0.1987e4", "1e3", "1E3", "10e2", "9999.0"), 1000, 1987, 9999, int64(1987), 1987.0, float32(2012), uint16(1987)),
			append(
				digits("999", "999.9999999999999999999", "9999.0000000000000000001", "1e4", "1987.5", "-1987", "1e400", "-1e-400", "123456789012345678901234567890"),
				0, 999, 10000, -1987, 1987.5, 1e21, math.NaN(), math.Inf(1), math.Inf(-1), uint64(math.MaxUint64), int64(math.MaxInt64),
			),
		},
		{
			"whole number", schema.Networks, fieldPlace("order"),
			append(digits("0", "-0", "0.0", "1e3", "1e400", "123456789012345678901234567890"), 0, math.Copysign(0, -1), 1e21, uint8(7), uint64(math.MaxUint64)),
			append(digits("-1", "0.1", "-1e-400"), -1, 0.1, int8(-1), float32(0.5), math.NaN(), "1", true, nil),
		},
	}
}

func formsOfCollections() []form {
	var many []any
	for i := range 60 {
		many = append(many, fmt.Sprint("many-", i))
	}
	link := func(url string) map[string]any { return map[string]any{"url": url, "rel": "news"} }
	return []form{
		{
			"list of ids", schema.Networks, fieldPlace("aliases"),
			[]any{[]any{}, []any{"a"}, []any{"a", "b"}, many},
			[]any{"a", nil, map[string]any{}, []any{1}, []any{"a", "a"}, []any{"a", "A"}, append(slices.Clone(many), "many-7")},
		},
		{"languages", "", fieldPlace("languages"), []any{[]any{"en"}, []any{"en", "nl"}}, []any{[]any{}, []any{"en", "en"}, []any{"en", 1}, "en"}},
		{
			"links", schema.Networks, fieldPlace("links"),
			[]any{[]any{}, []any{link("https://a"), link("https://b")}},
			[]any{[]any{link("https://a"), link("https://a")}, []any{map[string]any{"rel": "news"}}, []any{map[string]any{"url": "https://a", "href": "https://a"}}},
		},
		{
			"keys", schema.Networks, asObject,
			[]any{map[string]any{}, map[string]any{"x-": nil}, map[string]any{"x-own": map[string]any{"b": []any{nil, 1}}}},
			[]any{map[string]any{"x": 1}, map[string]any{"X-own": 1}, map[string]any{"names": "Water"}, map[string]any{"": 1}},
		},
		{"required key", schema.Networks, fieldPlace("logo"), []any{map[string]any{"path": "assets/a.svg"}}, []any{map[string]any{}, map[string]any{"alt": "A"}}},
	}
}

// TestFormatAcceptsAndRefuses checks the schema files against values that the
// format has always accepted or refused.
func TestFormatAcceptsAndRefuses(t *testing.T) {
	t.Parallel()
	for _, f := range allForms() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			base := schema.ShapeOf(f.kind).Examples[0].(map[string]any)
			validate := func(value any) error {
				record := maps.Clone(base)
				maps.Copy(record, f.place(value))
				return schema.Validator(f.kind).Validate(record)
			}
			for _, value := range f.good {
				if err := validate(value); err != nil {
					t.Errorf("%T %#v is refused: %v", value, value, err)
				}
			}
			for _, value := range f.bad {
				if validate(value) == nil {
					t.Errorf("%T %#v is accepted", value, value)
				}
			}
		})
	}
}

// BenchmarkValidator validates the sample records of each kind; one operation
// is one record.
func BenchmarkValidator(b *testing.B) {
	for _, c := range allKinds() {
		b.Run("kind="+string(c), func(b *testing.B) {
			records := slices.Collect(maps.Values(sampleRecords(b, c)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := schema.Validator(c).Validate(records[i%len(records)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
