package event

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"netsync/schema"
)

// A record event keeps the bytes of its canonical records, and comes back as it was.
func TestAnEventComesBackAsItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9 :/@"\\<>&-]{0,20}`), rapid.Just("\u2028<&>"))
		optional := rapid.Ptr(text, true)
		raw := rapid.SampledFrom([]json.RawMessage{json.RawMessage("null"), json.RawMessage(`{"a":"<&>é` + "\u2028" + `"}`), json.RawMessage(`[]`)})
		c := &Change{
			Collection: schema.Networks, ID: "leru", Op: rapid.SampledFrom(Ops()).Draw(t, "op"),
			Digest: (*schema.Digest)(optional.Draw(t, "digest")), PreviousDigest: (*schema.Digest)(optional.Draw(t, "previous digest")),
			Record: raw.Draw(t, "record"), Previous: raw.Draw(t, "previous"), Patch: raw.Draw(t, "patch"),
			Significance: Significance(text.Draw(t, "significance")), Bulk: rapid.Bool().Draw(t, "bulk"), Republished: rapid.Bool().Draw(t, "republished"),
			Replaces: rapid.SliceOf(text).Draw(t, "replaces"), ReplacedBy: optional.Draw(t, "replaced by"), Changeset: text.Draw(t, "changeset"),
			Commits: []Commit{},
		}
		for range rapid.IntRange(0, 2).Draw(t, "commits") {
			c.Commits = append(c.Commits, Commit{SHA: text.Draw(t, "sha"), Author: text.Draw(t, "author"), Time: time.Unix(int64(rapid.Uint32().Draw(t, "time")), 0).UTC(), Subject: text.Draw(t, "subject")})
		}
		e := Event{ID: text.Draw(t, "event"), Type: c.Op.Type(), Dataset: "leiden-networks", Time: time.Unix(1, 5e6).UTC(), Change: c}
		data, err := Append([]byte("before"), e)
		if err != nil {
			t.Fatal(err)
		}
		encoded, ok := strings.CutPrefix(string(data), "before")
		if !ok || !strings.Contains(encoded, `"record":`+string(c.Record)+`,"previous":`+string(c.Previous)) {
			t.Fatalf("records changed: %s", data)
		}
		if got, err := Decode([]byte(encoded)); err != nil || !reflect.DeepEqual(got, e) {
			t.Fatalf("Decode() = %+v, %v; want %+v", got.Change, err, c)
		}
	})
}
