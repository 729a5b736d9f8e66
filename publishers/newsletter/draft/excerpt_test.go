package draft

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

// periodOf returns the period of entries, like readExcerpt but without a stream.
func periodOf(entries []publishers.Entry, from, to event.Seq) *Period {
	p := &Period{Pending: NewPending(from)}
	for _, x := range entries {
		if x.Sequence > from && x.Sequence <= to {
			p.addChangeset(Entry{Sequence: x.Sequence, Changeset: x.Changeset.ID, Time: x.Time.UTC().Truncate(time.Second)}, x.Changes)
		}
	}
	p.removeEmpty()
	return p
}

// A subscriber without choices gets the draft.
func TestAPeriodIsWhatIsPending(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		entries := drawEntries(rt)
		want := NewPending(0).AddEdition(edition(entries), countAll)
		got := periodOf(entries, 0, entries[len(entries)-1].Sequence)
		all := got.FilterTopics(nil)
		all.Position = want.Position
		if diff := cmp.Diff(encodePending(rt, want), encodePending(rt, all)); diff != "" {
			rt.Error(diff)
		}
	})
}

// A world holds the states of records after each entry of a random history.
type world struct {
	entries []publishers.Entry
	states  []map[string]schema.Record // before the first entry, and after each
}

func drawWorld(rt *rapid.T) world {
	w := world{states: []map[string]schema.Record{{}}}
	topics := []string{"energy", "water"}
	for i := range rapid.IntRange(1, 12).Draw(rt, "entries") {
		state := make(map[string]schema.Record)
		for id, r := range w.states[i] {
			state[id] = r
		}
		x := publishers.Entry{Changeset: &event.Changeset{ID: fmt.Sprint(i)}, Sequence: event.Seq(i+1) * 10, Time: time.Unix(int64(i), 0)}
		for _, id := range []string{"a", "b", "c", "d"} {
			c := &event.Change{Collection: schema.Networks, ID: id, Op: event.Created, Significance: event.Minor}
			before, had := state[id]
			if had {
				c.Op, c.Previous, c.PreviousDigest = event.Updated, before.JSON, &before.Digest
			}
			switch rapid.SampledFrom([]string{"", "", "set", "remove"}).Draw(rt, id) {
			case "set":
				on := rapid.SliceOfNDistinct(rapid.SampledFrom(topics), 0, 2, rapid.ID[string]).Draw(rt, "topics")
				slices.Sort(on)
				after, err := schema.NewRecord(c.RecordID(), map[string]any{"id": id, "n": json.Number(fmt.Sprint(rapid.IntRange(0, 2).Draw(rt, "n"))), "topics": anys(on)})
				if err != nil {
					rt.Fatal(err)
				}
				if had && after.Digest == before.Digest {
					continue
				}
				c.Record, c.Digest = after.JSON, &after.Digest
				state[id] = after
			case "remove":
				if !had {
					continue
				}
				c.Op = event.Removed
				delete(state, id)
			default:
				continue
			}
			x.Changes = append(x.Changes, c)
		}
		w.entries, w.states = append(w.entries, x), append(w.states, state)
	}
	return w
}

func anys(texts []string) []any {
	out := []any{}
	for _, s := range texts {
		out = append(out, s)
	}
	return out
}

// The changes of all digests of a subscriber lead to the last state of each record
// in them, as long as it is on their topics, and no digest contains an unchanged
// record.
func TestDigestsTellWhatIsTrue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		topics := rapid.SampledFrom([][]string{nil, {"water"}, {"energy"}, {"energy", "water"}}).Draw(rt, "chosen")
		known := make(map[string]schema.Digest) // "" for one that is gone
		told := 0
		for to := 1; to <= len(w.entries); to++ {
			if to < len(w.entries) && !rapid.Bool().Draw(rt, "digest") {
				continue
			}
			p := periodOf(w.entries, event.Seq(told)*10, event.Seq(to)*10).FilterTopics(topics)
			for _, net := range story.Net(p.AllChanges()) {
				id := net.ID.ID
				before, had := w.states[told][id]
				after, has := w.states[to][id]
				if had == has && before.Digest == after.Digest {
					rt.Errorf("%s is mentioned and is what it was", id)
				}
				if net.HasBefore != had || net.HasAfter != has || net.Before.Digest != before.Digest || net.After.Digest != after.Digest {
					rt.Errorf("%s: told %v → %v, and it is %v → %v", id, net.Before.JSON, net.After.JSON, before.JSON, after.JSON)
				}
				known[id] = net.After.Digest
			}
			told = to
		}
		last := w.states[len(w.entries)]
		for id, digest := range known {
			r, has := last[id]
			if len(topics) > 0 && has && !isOn(topicsOf(&event.Change{Record: r.JSON}), topics) {
				continue // it has left the topics, and was told to
			}
			if r.Digest != digest && (len(topics) == 0 || has) {
				rt.Errorf("%s is known as %v, and is %v", id, digest, r.Digest)
			}
		}
		if len(topics) > 0 {
			return
		}
		for id, r := range last { // and nothing is kept from who chose everything
			if known[id] != r.Digest {
				rt.Errorf("%s was never told", id)
			}
		}
	})
}
