package newsletter

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// What is pending after a digest is the same, whether it grew before and since
// or is gathered from the stream, with the digest known from the beginning.
func TestPendingSinceADigestIsPendingFromThere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		entries := drawEntries(rt)
		cut := rapid.IntRange(0, len(entries)).Draw(rt, "cut")
		from := event.Seq(rapid.IntRange(0, cut).Draw(rt, "from") * 10)
		grown := newPending(0).with(edition(entries[:cut]))
		grown = reread(rt, grown).since(from).with(edition(entries))
		want := newPending(from).with(edition(entries))
		if diff := cmp.Diff(encoded(rt, want), encoded(rt, grown)); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func drawEntries(rt *rapid.T) []publishers.Entry {
	var entries []publishers.Entry
	for i := range rapid.IntRange(1, 8).Draw(rt, "entries") {
		x := publishers.Entry{Changeset: &event.Changeset{ID: fmt.Sprint(i)}, Sequence: event.Seq(i+1) * 10, Time: time.Unix(int64(i), 5)}
		for _, id := range []string{"a", "b", "c"} {
			kind := rapid.SampledFrom([]string{"", "", "minor", "bulk", "trivial", "republished"}).Draw(rt, "kind")
			if kind != "" {
				x.Changes = append(x.Changes, &event.Change{
					Collection: schema.Networks, ID: id, Op: event.Updated, Record: json.RawMessage(`{"<":"\u2028"}`),
					Bulk: kind == "bulk", Republished: kind == "republished", Significance: event.Significance(kind),
					Commits: []event.Commit{{SHA: fmt.Sprint(i)}},
				})
			}
		}
		entries = append(entries, x)
	}
	return entries
}

func edition(entries []publishers.Entry) publishers.Edition {
	e := publishers.Edition{Entries: entries}
	if len(entries) > 0 {
		e.Position.Sequence = entries[len(entries)-1].Sequence
	}
	return e
}

func encoded(rt *rapid.T, p pending) string {
	data, err := p.encode()
	if err != nil {
		rt.Fatal(err)
	}
	return string(data)
}

// reread goes through the file, as a process does that starts again.
func reread(rt *rapid.T, p pending) pending {
	out := newPending(0)
	if err := json.Unmarshal([]byte(encoded(rt, p)), &out); err != nil {
		rt.Fatal(err)
	}
	return out.since(out.From)
}
