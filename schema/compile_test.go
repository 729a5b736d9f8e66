package schema

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// smallSchemas try every keyword that Valid knows, alone and beside others,
// also in ways that the schema files have no use for yet.
var smallSchemas = []string{
	`true`, `false`, `{}`, `{"title":"T","description":"D","default":1,"examples":[1],"$comment":"C","deprecated":true,"x-netsync-kind":"text"}`,
	`{"type":"null"}`, `{"type":"boolean"}`, `{"type":"number"}`, `{"type":"integer"}`, `{"type":"string"}`, `{"type":"array"}`, `{"type":"object"}`,
	`{"type":["integer","null"]}`, `{"type":["integer","number"]}`, `{"type":["string","array","boolean"]}`,
	`{"enum":["a",1,null]}`, `{"enum":[1.0,[1,{"a":2}],{"b":[null,true]}]}`, `{"enum":[false]}`, `{"enum":[true,false,"aa"]}`, `{"enum":[0]}`, `{"enum":[123456789012345678901234567890]}`,
	`{"const":"a"}`, `{"const":1e3}`, `{"const":null}`, `{"const":{"a":1}}`, `{"const":[]}`, `{"const":0.1}`,
	`{"pattern":"\\S"}`, `{"pattern":"a"}`, `{"pattern":"^a$"}`, `{"type":"string","pattern":"^[a-z0-9]+(-[a-z0-9]+)*$","maxLength":2}`,
	`{"minLength":2}`, `{"maxLength":2}`, `{"minLength":1,"maxLength":1}`, `{"maxLength":0}`,
	`{"minimum":1}`, `{"maximum":1}`, `{"minimum":0.1}`, `{"minimum":-1.5,"maximum":1000}`, `{"type":"integer","minimum":1000,"maximum":9999}`, `{"maximum":1e30}`,
	`{"items":{"type":"integer"}}`, `{"items":true}`, `{"items":false}`, `{"minItems":2}`, `{"uniqueItems":true}`, `{"uniqueItems":false}`,
	`{"items":{"type":["string","integer"]},"minItems":1,"uniqueItems":true}`,
	`{"properties":{"a":{"type":"integer"},"b":true,"c":false}}`, `{"properties":{"a":true},"additionalProperties":false}`,
	`{"patternProperties":{"^x-":true},"additionalProperties":false}`, `{"patternProperties":{"^a":{"type":"integer"},"a$":{"minimum":2}}}`,
	`{"properties":{"a":{"maximum":5},"ab":true},"patternProperties":{"a":{"type":"integer"},"b":{"minimum":1}},"additionalProperties":{"type":"string"}}`,
	`{"additionalProperties":{"type":"integer"}}`, `{"additionalProperties":true}`, `{"additionalProperties":{}}`, `{"additionalProperties":false}`,
	`{"required":["a"]}`, `{"required":["a","b"],"properties":{"b":true},"additionalProperties":true}`, `{"required":["a"],"properties":{"a":true},"patternProperties":{"b":false}}`, `{"required":[]}`,
	`{"propertyNames":{"maxLength":1}}`, `{"propertyNames":{"enum":["a","x-"]}}`, `{"propertyNames":false}`, `{"propertyNames":true,"minProperties":1}`, `{"minProperties":2}`,
	`{"anyOf":[{"type":"string"},{"type":"integer"}]}`, `{"anyOf":[{"minimum":5},{"type":"number","maximum":0},{"type":"string"}]}`, `{"anyOf":[true,{"type":"string"}]}`, `{"anyOf":[false]}`,
	`{"anyOf":[{"required":["a"]},{"required":["b"]}],"minProperties":2}`, `{"anyOf":[{"const":true},{"enum":[null,2]}],"type":["boolean","integer"]}`, `{"anyOf":[{"minLength":3},{"pattern":"^a$"}],"maxLength":3}`,
	`{"$ref":"common.schema.json#/$defs/text"}`, `{"$ref":"https://example.org/netsync/v1/common.schema.json#/$defs/edtf","minimum":1500}`,
	`{"$ref":"#/$defs/own","maxLength":1,"$defs":{"own":{"type":"string","$ref":"#/$defs/other"},"other":{"enum":["a","aa","é"]}}}`,
	`{"$ref":"#/$defs/true","$defs":{"true":true}}`, `{"items":{"$ref":"common.schema.json#/$defs/organization"},"uniqueItems":true}`,
}

// smallValues are decoded JSON, Go's own numbers, and what is neither.
func smallValues(t *testing.T) []any {
	values := []any{
		1, int64(1000), -1, 0.1, 1.5, 1.0, 1e30, math.Copysign(0, -1), float32(1), float32(0.1), int8(-1), uint64(math.MaxUint64), uint16(1987), 9007199254740993.0,
		math.NaN(), math.Inf(1), float32(math.Inf(-1)), struct{}{}, []string{"a"}, map[any]any{"a": 1},
		[]any{struct{}{}}, []any{math.NaN(), "a"}, map[string]any{"a": struct{}{}}, map[string]any{"x-a": math.NaN(), "b": 1}, []any{1, 1.0}, []any{1, true}, "\xff", "\xff\xfe\xfd",
	}
	for _, text := range []string{
		`null`, `true`, `false`, `0`, `-0`, `0.0`, `1`, `1.0`, `1e3`, `10e2`, `1000.00`, `1E-1`, `0.1`, `0.10`, `0.10000000000000001`, `-1.5`, `2`, `5`, `1987`, `1499`, `9999.0`, `9999.5`, `1e4`, `1e400`, `-1e-400`,
		`123456789012345678901234567890`, `123456789012345678901234567891`, `1234567890123456789012345678900e-1`, `9223372036854775807`, `9223372036854775808`, `-9223372036854775809`, `999999999999999999`,
		`""`, `" "`, `"\u000b"`, `"\u00a0"`, `"a"`, `"aa"`, `"aaa"`, `"é"`, `"éé"`, `"😀😀😀"`, `"x-"`, `"a-b"`, `"A"`, `"1987"`,
		`[]`, `[1]`, `[1,2]`, `[1,1]`, `[1,1.0]`, `[1,"1"]`, `["a","b","a"]`, `["a-"]`, `[0,false]`, `[-0,0]`, `[1e400,1e400]`, `[1e400,1e401]`, `[null,null]`, `[{"a":1,"b":2},{"b":2.0,"a":1}]`, `[{"a":1},{"a":2}]`, `[{"a":1},{"b":1}]`, `[[1],[1,1]]`, `[[1],[1.0]]`, `[1,{"a":2}]`,
		`{}`, `{"a":1}`, `{"a":1.0}`, `{"a":"1"}`, `{"a":7}`, `{"a":null}`, `{"b":1}`, `{"b":0}`, `{"c":1}`, `{"a":1,"b":2}`, `{"ab":1}`, `{"ab":"1"}`, `{"ab":0}`, `{"ba":2}`, `{"ba":1}`, `{"x-":{"y":[1]}}`, `{"x-a":null,"a":1}`, `{"y":"a"}`, `{"y":1}`, `{"b":[null,true]}`, `{"en":"Water","pt-BR":"Água"}`, `{"en":" "}`, `{"EN":"Water"}`,
	} {
		v, err := DecodeJSON([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		values = append(values, v)
	}
	return append(values, manyItems("")...)
}

// manyItems are arrays too long to compare each item with each, with and
// without a double.
func manyItems(first string) []any {
	var texts, mixed []any
	for i := range few + 5 {
		texts = append(texts, fmt.Sprint(first, i))
		mixed = append(mixed, i, map[string]any{"a": i}, []any{float64(i) + 0.5}, fmt.Sprint(i))
	}
	all := []any{texts, mixed}
	for _, double := range []any{first + "3", 3.0, map[string]any{"a": 3.0}, []any{3.5}} {
		all = append(all, append(texts[:len(texts):len(texts)], double), append(mixed[:len(mixed):len(mixed)], double))
	}
	return all
}

const smallFile = "small.schema.json"

func library(t *testing.T, schema any) *jsonschema.Schema {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	for name, doc := range map[string]any{smallFile: schema, "common.schema.json": documents()["common.schema.json"]} {
		if err := compiler.AddResource(BaseURI+name, doc); err != nil {
			t.Fatal(err)
		}
	}
	compiledSchema, err := compiler.Compile(BaseURI + smallFile)
	if err != nil {
		t.Fatal(err)
	}
	return compiledSchema
}

func TestKeywordsAgreeWithTheLibrary(t *testing.T) {
	t.Parallel()
	values := smallValues(t)
	for _, text := range smallSchemas {
		schema, err := DecodeJSON([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, want := compileSmall(schema), library(t, schema)
		for _, value := range values {
			if err := want.Validate(value); got.valid(value) != (err == nil) {
				t.Errorf("%s of %T %#v: got %v, the library says %v", text, value, value, got.valid(value), err)
			}
		}
	}
}

// compileSmall compiles a schema that may refer to definitions of its own and
// to those of the schema files.
func compileSmall(schema any) *check {
	own := func(file, ref string) (place, any) {
		name, ok := strings.CutPrefix(ref, "#/$defs/")
		if !ok || file != smallFile {
			return resolve(file, ref)
		}
		defs := schema.(map[string]any)["$defs"].(map[string]any)
		return place{smallFile, "/$defs/" + name}, defs[name]
	}
	return newCompiler(own).named(place{smallFile, ""}, schema)
}

func TestCompilerRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"format":"date"}`:                                                "small.schema.json#/format is a keyword that Valid does not know",
		`{"properties":{"a":{"oneOf":[true]}}}`:                            "#/properties/a/oneOf is a keyword that Valid does not know",
		`{"$defs":{"unused":{"maxItems":3}}}`:                              "#/$defs/unused/maxItems is a keyword that Valid does not know",
		`{"items":{"x-other":1}}`:                                          "#/items/x-other is a keyword that Valid does not know",
		`{"items":{"$id":"https://example.org/netsync/v1/a.schema.json"}}`: "#/items/$id is not the address of the file",
		`{"items":[true]}`:                                                 "#/items is no schema",
		`{"type":"text"}`:                                                  "#/type names no type of JSON: text",
		`{"minLength":1.5}`:                                                "#/minLength is not a whole number",
		`{"minimum":"1"}`:                                                  "#/minimum is not a number",
		`{"required":"a"}`:                                                 "#/required is not an array",
		`{"properties":["a"]}`:                                             "#/properties is not an object",
		`{"pattern":1}`:                                                    "#/pattern is not a string",
		`{"$ref":"common.schema.json#/$defs/missing"}`:                     "common.schema.json#/$defs/missing is no schema",
		`{"anyOf":[{"$ref":"common.schema.json#/$defs/text","contains":1}]}`: "#/anyOf/0/contains is a keyword that Valid does not know",
		`{"$defs":{"tree":{"items":{"$ref":"#/$defs/tree"}}}}`:               "#/$defs/tree leads back to itself",
	} {
		schema, err := DecodeJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := panicOf(func() { compileSmall(schema) }); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q in it", text, got, want)
		}
	}
}

func panicOf(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}
