package schema_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"netsync/schema"
)

func TestCanonicalFollowsRFC8785(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"b":1,"a":[true,null,"x"]}`: `{"a":[true,null,"x"],"b":1}`,
		`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`: "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}",
		`[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001]`:           `[333333333.3333333,1e+30,4.5,0.002,1e-27]`,
		`"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"`:                             `"€$\u000f\nA'B\"\\\\\"/"`,
		`[-0,1e21,1e20,1e-6,1e-7,"</>&"]`:                                             `[0,1e+21,100000000000000000000,0.000001,1e-7,"</>&"]`,
	} {
		got, err := schema.CanonicalJSON([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("CanonicalJSON(%s) = %s, %v; want %s", in, got, err, want)
		}
	}
}

func FuzzCanonicalIsAFixedPoint(f *testing.F) {
	f.Add(`{"a":[1,2.5e10,"\u0000é"],"":{}}`)
	f.Fuzz(func(t *testing.T, in string) {
		once, err := schema.CanonicalJSON([]byte(in))
		if err != nil {
			return
		}
		if twice, err := schema.CanonicalJSON(once); err != nil || string(twice) != string(once) {
			t.Errorf("%q becomes %q, then %q, %v", in, once, twice, err)
		}
	})
}

// contractDigest computes the digest as documented, without using State.
func contractDigest(digests map[string]string) string {
	buckets := map[string][]string{}
	for key, digest := range digests {
		sum := sha256.Sum256([]byte(key))
		bucket := fmt.Sprintf("%02x", sum[0])
		buckets[bucket] = append(buckets[bucket], key+" "+digest+"\n")
	}
	var all strings.Builder
	for i := range 256 {
		bucket := fmt.Sprintf("%02x", i)
		slices.Sort(buckets[bucket])
		fmt.Fprintf(&all, "%s %x\n", bucket, sha256.Sum256([]byte(strings.Join(buckets[bucket], ""))))
	}
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(all.String())))
}

func TestStateDigestIsTheContracts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var state schema.State
		want := map[string]string{}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			id := schema.RecordID{Collection: schema.Networks, ID: fmt.Sprintf("n%d", rapid.IntRange(0, 20).Draw(t, "id"))}
			if rapid.Bool().Draw(t, "remove") {
				trial := state.Try()
				trial.Put(id, "")
				foreseen, size := trial.Digest(), trial.Len()
				state.Remove(id)
				delete(want, id.String())
				if foreseen != state.Digest() || size != state.Len() {
					t.Fatal("a trial does not foresee the removal")
				}
				continue
			}
			record, err := schema.NewRecord(id, map[string]any{"v": rapid.IntRange(0, 5).Draw(t, "value")})
			if err != nil {
				t.Fatal(err)
			}
			trial := state.Try()
			trial.Put(id, record.Digest)
			foreseen, size := trial.Digest(), trial.Len()
			state.Put(record)
			want[id.String()] = string(record.Digest)
			if foreseen != state.Digest() || size != state.Len() {
				t.Fatal("a trial does not foresee what is put")
			}
		}
		if got := string(state.Digest()); got != contractDigest(want) || state.Len() != len(want) {
			t.Fatalf("Digest() = %s with %d records, want %s with %d", got, state.Len(), contractDigest(want), len(want))
		}
	})
}

func TestEDTF(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1987": "1987-01-01 1987-12-31", "199X": "1990-01-01 1999-12-31", "19XX": "1900-01-01 1999-12-31",
		"2024-02": "2024-02-01 2024-02-29", "2023-02": "2023-02-01 2023-02-28", "2024-02-29": "2024-02-29 2024-02-29",
		"2024-XX": "2024-01-01 2024-12-31", "2024-06-XX": "2024-06-01 2024-06-30", "1987?": "1987-01-01 1987-12-31", "2024-06~": "2024-06-01 2024-06-30",
		"2024-21": "2024-03-01 2024-05-31", "2024-24": "2024-12-01 2025-02-28", "1987/1990": "1987-01-01 1990-12-31",
		"1987/..": "1987-01-01 0001-01-01", "/1990": "0001-01-01 1990-12-31",
		"": "", "87": "", "2023-02-29": "", "2024-13": "", "2024-00": "", "2024-06-31": "", "2024-6": "", "199X-06": "", "1990/1987": "", "../..": "", "soon": "", "2024-XX-01": "",
	} {
		span, err := schema.ParseEDTF(in)
		got := span.First.Format("2006-01-02") + " " + span.Last.Format("2006-01-02")
		if want == "" {
			if err == nil {
				t.Errorf("ParseEDTF(%q) = %s, want an error", in, got)
			}
		} else if err != nil || got != want {
			t.Errorf("ParseEDTF(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
}

func TestMembershipStatusTurnsOnItsDay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ since, until, on, want string }{
		{"", "", "2026-11-24", "current"},
		{"2026-11-24", "", "2026-11-23", "upcoming"}, {"2026-11-24", "", "2026-11-24", "current"},
		{"", "2026-11-24", "2026-11-23", "current"}, {"", "2026-11-24", "2026-11-24", "former"},
		{"2026", "", "2025-12-31", "upcoming"}, {"2026", "", "2026-01-01", "current"},
		{"", "2026", "2026-12-31", "current"}, {"", "2026", "2027-01-01", "former"},
		{"", "2026-11", "2026-11-30", "current"}, {"", "2026-11", "2026-12-01", "former"},
		{"199X", "", "1989-12-31", "upcoming"}, {"199X", "", "1990-01-01", "current"},
	} {
		day, err := schema.ParseDay(test.on)
		if err != nil {
			t.Fatal(err)
		}
		if got := schema.MembershipStatus(test.since, test.until, day); string(got) != test.want {
			t.Errorf("since %q until %q on %s is %s, want %s", test.since, test.until, test.on, got, test.want)
		}
	}
}

func TestNormalizeIsAFixedPointAndLeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	day, err := schema.ParseDay("2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	ctx := schema.Context{Language: "en", AsOf: day}
	in := map[string]any{
		"id": "x", "name": "X", "founded": 1987, "membership": map[string]any{"until": "2020"}, "x-own": "kept",
		"links": []any{map[string]any{"url": "https://example.org", "title": "T"}},
	}
	before := maps.Clone(in)
	once := schema.Normalize(schema.Networks, in, ctx)
	if !reflect.DeepEqual(in, before) || in["membership"].(map[string]any)["status"] != nil {
		t.Errorf("the input became %v", in)
	}
	if twice := schema.Normalize(schema.Networks, once, ctx); !reflect.DeepEqual(once, twice) {
		t.Errorf("%v becomes %v", once, twice)
	}
	got, err := schema.Canonical(once)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"aliases":[],"founded":"1987","id":"x","links":[{"rel":"related","title":{"en":"T"},"url":"https://example.org"}],` +
		`"membership":{"role":"member","status":"former","until":"2020"},"name":{"en":"X"},"partners":[],"regions":[],"standing":[],"topics":[],"x-own":"kept"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestTypesKnowEveryProperty checks that the Go types have every field of the
// JSON Schema.
func TestTypesKnowEveryProperty(t *testing.T) {
	t.Parallel()
	for collection, v := range map[schema.Collection]any{
		"": schema.Manifest{}, schema.Networks: schema.Network{}, schema.Organizations: schema.Organization{}, schema.Activities: schema.Activity{},
	} {
		fields := map[string]bool{}
		for i := range reflect.TypeOf(v).NumField() {
			name, _, _ := strings.Cut(reflect.TypeOf(v).Field(i).Tag.Get("json"), ",")
			fields[name] = true
		}
		for name, shape := range schema.ShapeOf(collection).Properties {
			if !fields[name] {
				t.Errorf("%T has no field for %q", v, name)
			}
			if shape.Title == "" {
				t.Errorf("%q of %T has no title", name, v)
			}
			if collection != "" && shape.Significance == "" {
				t.Errorf("%q of %T has no significance", name, v)
			}
		}
	}
}
