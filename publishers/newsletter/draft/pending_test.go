package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

// The pending changes after a digest are the same if they were updated, or rebuilt
// from the stream with the digest known from the start.
func TestPendingSinceADigestIsPendingFromThere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		entries := drawEntries(rt)
		cut := rapid.IntRange(0, len(entries)).Draw(rt, "cut")
		from := event.Seq(rapid.IntRange(0, cut).Draw(rt, "from") * 10)
		grown := NewPending(0)
		if rapid.Bool().Draw(rt, "the digest was begun before what came after") {
			grown = rereadPending(rt, grown.AddEdition(edition(entries[:from/10]), countAll))
			grown.Cut = from
		}
		grown, err := rereadPending(rt, grown.AddEdition(edition(entries[:cut]), countAll)).withStart(from)
		if errors.Is(err, ErrNeedsRebuild) && from < event.Seq(cut*10) {
			return // changes from before and after were merged: it is gathered from the stream
		}
		if err != nil {
			rt.Fatal(err)
		}
		grown.Cut = 0
		grown = rereadPending(rt, grown.AddEdition(edition(entries), countAll))
		want := NewPending(from).AddEdition(edition(entries), countAll)
		if diff := cmp.Diff(encodePending(rt, want), encodePending(rt, grown)); diff != "" {
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

func encodePending(rt *rapid.T, p Pending) string {
	data, err := p.Encode()
	if err != nil {
		rt.Fatal(err)
	}
	return string(data)
}

// rereadPending encodes and decodes a pending, as a restarted process does.
func rereadPending(rt *rapid.T, p Pending) Pending {
	out := NewPending(0)
	if err := json.Unmarshal([]byte(encodePending(rt, p)), &out); err != nil {
		rt.Fatal(err)
	}
	out, err := out.withStart(out.From)
	if err != nil {
		rt.Fatal(err)
	}
	return out
}

// Two changes of a record have the net effect of all.
func TestFewChangesTellWhatManyCameTo(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var entries []publishers.Entry
		var all []*event.Change
		now := map[string]json.RawMessage{"a": json.RawMessage("null"), "b": json.RawMessage("null")}
		for i := range rapid.IntRange(1, 12).Draw(rt, "changesets") {
			x := publishers.Entry{Changeset: &event.Changeset{ID: fmt.Sprint(i)}, Sequence: event.Seq(i+1) * 10}
			for _, id := range []string{"a", "b"} {
				next := json.RawMessage(rapid.SampledFrom([]string{"null", `{"v":1}`, `{"v":2}`}).Draw(rt, "value"))
				if string(next) == string(now[id]) {
					continue
				}
				c := &event.Change{Collection: schema.Networks, ID: id, Op: event.Updated, Record: next, Previous: now[id], Significance: event.Major}
				for n := range rapid.IntRange(0, 3).Draw(rt, "commits") {
					c.Commits = append(c.Commits, event.Commit{SHA: fmt.Sprint(i, n)})
				}
				if string(next) != "null" {
					digest := schema.DigestOf(next)
					c.Digest = &digest
				}
				if string(now[id]) != "null" {
					digest := schema.DigestOf(now[id])
					c.PreviousDigest = &digest
				}
				now[id], x.Changes = next, append(x.Changes, c)
			}
			entries, all = append(entries, x), append(all, x.Changes...)
		}
		p := NewPending(0)
		for n := range entries {
			p = rereadPending(rt, p.AddEdition(edition(entries[:n+1]), countAll))
		}
		if kept := len(p.AllChanges()); kept > 4 {
			rt.Fatalf("%d changes of two records are kept", kept)
		}
		got, want := story.Net(p.AllChanges()), story.Net(all)
		if len(got) != len(want) {
			rt.Fatalf("%d records changed, not %d", len(got), len(want))
		}
		for n, w := range want {
			g := got[n]
			if g.ID != w.ID || g.HasBefore != w.HasBefore || g.HasAfter != w.HasAfter || g.Before.Digest != w.Before.Digest || g.After.Digest != w.After.Digest {
				rt.Fatalf("%s came to %+v, not %+v", w.ID, g, w)
			}
			if d := cmp.Diff(listCommits(w.Changes), listCommits(g.Changes)); d != "" {
				rt.Fatal(d)
			}
		}
	})
}

// countAll is an adjuster that changes nothing.
func countAll(e Entry, changes []*event.Change) (Entry, []*event.Change, bool) {
	return e, changes, true
}
