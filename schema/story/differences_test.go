package story_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"netsync/schema"
	"netsync/schema/story"
)

func TestDifferencesAreReadable(t *testing.T) {
	type difference = story.Difference
	cases := []struct {
		name, language, before, after string
		want                          []difference
	}{
		{"a count", "en", `{"members":{"count":10}}`, `{"members":{"count":11}}`,
			[]difference{{"/members/count", "Member count", "10", "11"}}},
		{"an approximate count", "nl", `{}`, `{"countries":{"approximate":true,"count":120}}`,
			[]difference{{"/countries/count", "Aantal landen", "", "ongeveer 120"}}},
		{"a count that became exact, and its date", "en",
			`{"members":{"count":120,"approximate":true}}`, `{"members":{"count":120,"as_of":"2026-11"}}`,
			[]difference{
				{"/members/count", "Member count", "about 120", "120"},
				{"/members/as_of", "Date of member count", "", "2026-11"}}},
		{"texts by language, own first", "nl",
			`{"summary":{"de":"c","en":"a","nl":"b"}}`, `{"summary":{"de":"z","en":"x","nl":"y"}}`,
			[]difference{
				{"/summary/nl", "Samenvatting", "b", "y"},
				{"/summary/en", "Samenvatting (en)", "a", "x"},
				{"/summary/de", "Samenvatting (de)", "c", "z"}}},
		{"terms by label", "nl", `{"topics":["water"]}`, `{"topics":["water","energy","unheard-of"]}`,
			[]difference{{"/topics", "Thema's", "Water", "Water, Energie, unheard-of"}}},
		{"organizations by name", "nl", `{"partners":[]}`, `{"partners":["tu-delft","un","gone"]}`,
			[]difference{{"/partners", "Partners", "", "Technische Universiteit Delft, United Nations, gone"}}},
		{"a vague date", "en", `{"founded":"1987"}`, `{"founded":"199X"}`,
			[]difference{{"/founded", "Founding date", "1987", "1990s"}}},
		{"a vague date in Dutch", "nl", `{"founded":"19XX"}`, `{"founded":"199X"}`,
			[]difference{{"/founded", "Oprichtingsdatum", "tussen 1900 en 1999", "jaren 1990"}}},
		{"membership in words", "en",
			`{"membership":{"role":"member","status":"current"}}`,
			`{"membership":{"role":"founding-member","status":"former","until":"2026-11-24","successor":"leru"}}`,
			[]difference{
				{"/membership/status", "Membership status", "Current member", "Former member"},
				{"/membership/role", "Membership role", "Member", "Founding member"},
				{"/membership/until", "End of membership", "", "2026-11-24"},
				{"/membership/successor", "Successor", "", "LERU"}}},
		{"links that came and went", "en",
			`{"links":[{"rel":"homepage","url":"https://a.eu/"},{"rel":"other","url":"https://b.eu/"}]}`,
			`{"links":[{"rel":"homepage","url":"https://a.eu/"},{"rel":"other","url":"https://c.eu/","title":{"en":"C"}}]}`,
			[]difference{{"/links", "Links", "https://b.eu/", "C (https://c.eu/)"}}},
		{"a link's relation alone", "en",
			`{"links":[{"rel":"homepage","url":"https://a.eu/"}]}`, `{"links":[{"rel":"about","url":"https://a.eu/"}]}`,
			[]difference{{"/links", "Links", "rel: homepage, url: https://a.eu/", "rel: about, url: https://a.eu/"}}},
		{"standing", "en", `{"standing":[]}`, `{"standing":[{"with":"un","status":{"en":"special consultative status"}}]}`,
			[]difference{{"/standing", "Standing", "", "United Nations: special consultative status"}}},
		{"a logo whose bytes changed", "en",
			`{"logo":{"path":"assets/una.svg","digest":"sha256:0a","size":1,"media_type":"image/svg+xml"}}`,
			`{"logo":{"path":"assets/una.svg","digest":"sha256:0b","size":2,"media_type":"image/svg+xml","width":3,"height":4}}`,
			[]difference{{"/logo/digest", "Logo", "una.svg", "una.svg (a new image)"}}},
		{"a logo that became another file, and its description", "nl",
			`{"logo":{"path":"assets/una.svg","digest":"sha256:0a","alt":{"nl":"Blauw"}}}`, `{"logo":{"path":"assets/una.png","digest":"sha256:0b","alt":{"nl":"Rood"}}}`,
			[]difference{{"/logo/path", "Logo", "una.svg", "una.png"}, {"/logo/alt/nl", "Beschrijving van het logo", "Blauw", "Rood"}}},
		{"a logo that moved to another folder", "en",
			`{"logo":{"path":"assets/una.svg","digest":"sha256:0a"}}`, `{"logo":{"path":"assets/a/una.svg","digest":"sha256:0a"}}`,
			[]difference{{"/logo/path", "Logo", "assets/una.svg", "assets/a/una.svg"}}},
		{"a first logo", "nl", `{}`, `{"logo":{"path":"assets/una.svg","digest":"sha256:0a","size":1}}`,
			[]difference{{"/logo/path", "Logo", "", "una.svg"}}},
		{"a logo that went", "en", `{"logo":{"path":"assets/una.svg","digest":"sha256:0a","size":1}}`, `{}`,
			[]difference{{"/logo/path", "Logo", "una.svg", ""}}},
		{"own keys", "en", `{"x-b":1,"x-a~/":{"k":[true]}}`, `{"x-b":2}`,
			[]difference{{"/x-a~0~1", "x-a~/", "k: true", ""}, {"/x-b", "x-b", "1", "2"}}},
		{"order alone", "en", `{"topics":["water","energy"]}`, `{"topics":["energy","water"]}`,
			[]difference{{"/topics", "Topics", "Water, Energy", "Energy, Water"}}},
		{"what words cannot tell apart", "en", `{"logo":{},"aliases":[],"x-n":1}`, `{"x-n":"1"}`,
			[]difference{{"/logo", "Logo", "{}", ""}, {"/aliases", "Earlier ids", "[]", ""}, {"/x-n", "x-n", "1", `"1"`}}},
		{"reading order", "en", `{}`, `{"topics":["water"],"tier":"key","acronym":"UE","name":{"en":"Una Europa"}}`,
			[]difference{
				{"/name/en", "Name", "", "Una Europa"}, {"/acronym", "Acronym", "", "UE"},
				{"/tier", "Tier", "", "Key network"}, {"/topics", "Topics", "", "Water"}}},
		{"nothing", "en", `{"a":1}`, `{"a":1}`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := describer(t, c.language).Differences(record(t, unaEuropa, c.before), record(t, unaEuropa, c.after))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDifferencesOfARecordAndNoneAreAllItSays(t *testing.T) {
	r := record(t, unaEuropa, `{"id":"una-europa","name":{"en":"Una Europa"},"topics":[],"logo":{}}`)
	d := describer(t, "en")
	want := []story.Difference{{"/name/en", "Name", "", "Una Europa"}, {"/id", "Id", "", "una-europa"}}
	if diff := cmp.Diff(want, d.Differences(schema.Record{}, r)); diff != "" {
		t.Error(diff)
	}
	if got := d.Differences(r, schema.Record{}); len(got) != 2 || got[0].Old != "Una Europa" || got[0].New != "" {
		t.Errorf("removal: %v", got)
	}
}

func TestADescriberOfNothingStillDescribes(t *testing.T) {
	got := story.Describer{}.Differences(
		record(t, unaEuropa, `{"name":{"en":"A"},"partners":["x"],"topics":["y"]}`), record(t, unaEuropa, `{}`))
	if len(got) != 3 || got[1].Old != "x" || got[2].Old != "y" {
		t.Errorf("%v", got)
	}
}

// There is a difference if and only if the digests differ. Each has a pointer
// and two values of its own.
func TestDifferencesLaw(t *testing.T) {
	d := describer(t, "nl")
	rapid.Check(t, func(rt *rapid.T) {
		before, after := drawRecord(rt, t), drawRecord(rt, t)
		got := d.Differences(before, after)
		if (len(got) == 0) != (before.Digest == after.Digest) {
			rt.Fatalf("%s\n%s\n%v", before.JSON, after.JSON, got)
		}
		if !slices.Equal(got, d.Differences(before, after)) {
			rt.Fatal("not in a fixed order")
		}
		var pointers []string
		for _, x := range got {
			if x.Old == x.New || x.Label == "" {
				rt.Fatalf("says nothing: %+v", x)
			}
			for _, p := range pointers {
				if p == x.Pointer || strings.HasPrefix(p, x.Pointer+"/") || strings.HasPrefix(x.Pointer, p+"/") {
					rt.Fatalf("%s is told twice", p)
				}
			}
			pointers = append(pointers, x.Pointer)
		}
	})
}

// drawRecord draws a record with fields of the format, mostly with invalid
// values.
func drawRecord(rt *rapid.T, t testing.TB) schema.Record {
	keys := rapid.SampledFrom([]string{"name", "tier", "members", "membership", "count", "approximate", "status",
		"topics", "partners", "links", "standing", "logo", "path", "digest", "size", "en", "nl", "x-a/~", "id", "url", "title"})
	r, err := schema.NewRecord(unaEuropa, rapid.MapOfN(keys, drawValue(keys, 3), 0, 6).Draw(rt, "record"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.Value()
	if err != nil {
		t.Fatal(err)
	}
	if r, err = schema.NewRecord(unaEuropa, v); err != nil {
		t.Fatal(err)
	}
	return r
}

func drawValue(keys *rapid.Generator[string], depth int) *rapid.Generator[any] {
	leaves := []*rapid.Generator[any]{
		rapid.SampledFrom([]any{nil, true, false, "", "1", "199X", "current", "tu-delft", "water", 1, 0}),
	}
	if depth > 0 {
		inner := drawValue(keys, depth-1)
		leaves = append(leaves,
			rapid.Map(rapid.MapOfN(keys, inner, 0, 3), func(m map[string]any) any { return m }),
			rapid.Map(rapid.SliceOfN(inner, 0, 3), func(s []any) any { return s }))
	}
	return rapid.OneOf(leaves...)
}
