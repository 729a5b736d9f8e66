package story_test

import (
	"testing"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

func TestNetLeavesOutWhatCameToNothing(t *testing.T) {
	id := func(s string) schema.RecordID { return schema.RecordID{Collection: schema.Networks, ID: s} }
	const a, b, c = `{"v":"a"}`, `{"v":"b"}`, `{"v":"c"}`
	again := change(t, event.Updated, id("republished"), a, a)
	again.Republished = true
	got := story.Net([]*event.Change{
		change(t, event.Updated, id("moved"), a, b),
		change(t, event.Created, id("fleeting"), "", a),
		change(t, event.Updated, id("back"), a, b),
		again,
		change(t, event.Removed, id("gone"), a, ""),
		change(t, event.Updated, id("moved"), b, c),
		change(t, event.Updated, id("back"), b, a),
		change(t, event.Removed, id("fleeting"), a, ""),
		change(t, event.Removed, id("returned"), a, ""),
		change(t, event.Restored, id("returned"), "", b),
		change(t, event.Created, id("added"), "", a),
	})
	want := []struct {
		id, before, after string
		changes           int
	}{{"added", "", a, 1}, {"gone", a, "", 1}, {"moved", a, c, 2}, {"returned", a, b, 2}}
	if len(got) != len(want) {
		t.Fatalf("%d changes, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		if g.ID.ID != w.id || string(g.Before.JSON) != w.before || string(g.After.JSON) != w.after || len(g.Changes) != w.changes ||
			g.HasBefore != (w.before != "") || g.HasAfter != (w.after != "") {
			t.Errorf("%d: %+v, want %+v", i, g, w)
		}
	}
}
