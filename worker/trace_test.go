package worker_test

import (
	"testing"

	"netsync/schema/event"
	"netsync/schema/stream"
)

// TestEveryMessageIsTraced: the envelope and the header name the changeset's
// trace and the event's own span.
func TestEveryMessageIsTraced(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.repo.replace("networks/leru.yaml", "tier: key", "teir: key") // a findings event, too
	f.repo.commit("A typo")
	f.sync()
	js, err := f.js.Stream(t.Context(), stream.Name("leiden-networks"))
	if err != nil {
		t.Fatal(err)
	}
	all := f.messages()
	if last := all[len(all)-1]; last.Changeset == nil || all[len(all)-2].Findings == nil {
		t.Fatalf("the stream ends with %+v", last)
	}
	for _, m := range all {
		raw, err := js.GetMsg(t.Context(), uint64(m.Seq))
		if err != nil {
			t.Fatal(err)
		}
		want := event.TraceOf(m.ID)
		if header := raw.Header.Get(event.TraceHeader); m.Trace != want || header != string(want) || !want.Valid() {
			t.Errorf("message %d: %q, header %q, want %q", m.Seq, m.Trace, header, want)
		}
	}
}
