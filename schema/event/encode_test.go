package event

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"netsync/schema"
)

// The encoder of record events replaces encoding/json for speed. Both must give
// the same bytes.
func TestChangesAreWrittenAsEncodingJSONDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9 :/@"\\<>&-]{0,20}`), rapid.Just("\xff\u2028"))
		digest := func(name string) *schema.Digest {
			if rapid.Bool().Draw(t, name) {
				return nil
			}
			d := schema.Digest(text.Draw(t, name))
			return &d
		}
		raw := rapid.SampledFrom([]json.RawMessage{nil, json.RawMessage("null"), json.RawMessage(`{"a":"<&>é"}`), json.RawMessage("{\n \"a\": 1}"), json.RawMessage(`[]`)})
		c := &Change{
			Collection: schema.Networks, ID: "leru", Op: rapid.SampledFrom(Ops()).Draw(t, "op"),
			Digest: digest("digest"), PreviousDigest: digest("previous digest"),
			Record: raw.Draw(t, "record"), Previous: raw.Draw(t, "previous"), Patch: raw.Draw(t, "patch"),
			Significance: Significance(text.Draw(t, "significance")), Bulk: rapid.Bool().Draw(t, "bulk"), Republished: rapid.Bool().Draw(t, "republished"),
			Replaces: rapid.SliceOf(text).Draw(t, "replaces"), Changeset: text.Draw(t, "changeset"),
		}
		if rapid.Bool().Draw(t, "replaced") {
			by := text.Draw(t, "by")
			c.ReplacedBy = &by
		}
		for range rapid.IntRange(0, 2).Draw(t, "commits") {
			c.Commits = append(c.Commits, Commit{SHA: text.Draw(t, "sha"), Author: text.Draw(t, "author"), Time: time.Unix(int64(rapid.Uint32().Draw(t, "time")), 0).UTC(), Subject: text.Draw(t, "subject")})
		}
		e := Event{ID: text.Draw(t, "event"), Type: c.Op.Type(), Dataset: text.Draw(t, "dataset"), Time: time.Unix(1, 5e6), Trace: TraceParent(text.Draw(t, "trace")), Change: c}
		got, err := Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		var data, want bytes.Buffer
		enc := json.NewEncoder(&data)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(c); err != nil {
			t.Fatal(err)
		}
		enc = json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(envelope{"1.0", e.ID, sourcePrefix + e.Dataset, e.Type, e.subjectOf(), e.Time.UTC(), "application/json", e.Trace, data.Bytes()}); err != nil {
			t.Fatal(err)
		}
		if string(got)+"\n" != want.String() {
			t.Fatalf("Encode() = %s\nencoding/json: %s", got, want.String())
		}
	})
}
