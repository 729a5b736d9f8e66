package event_test

import (
	"bytes"
	"testing"

	"netsync/schema/event"
)

// FuzzDecode checks that a decoded event is the same after encoding, and that
// folding it does not panic.
func FuzzDecode(f *testing.F) {
	head := `{"specversion":"1.0","id":"x","source":"/datasets/leiden-networks","time":"2026-11-24T08:00:00Z","datacontenttype":"application/json","type":"netsync.`
	for _, rest := range []string{
		`record.created","subject":"networks/a","data":{"collection":"networks","id":"a","op":"created","digest":"sha256:00","record":{"id":"a","n":1e3},"patch":[],"significance":"major","commits":[{"sha":"0","author":"A","time":"2026-11-24T08:00:00Z","subject":"s"}],"changeset":"0@1","replaces":[]}}`,
		`record.updated","data":{"collection":"networks","id":"a","op":"updated","record":{"id":"a"},"previous":{"id":"a"},"patch":[{"op":"replace","path":"/id","value":null}]}}`,
		`record.removed","data":{"collection":"activities","id":"a","op":"removed","record":null,"previous":{"id":"a"}}}`,
		`changeset.completed","data":{"changeset":"0@1","commit":"0","previous_commit":"","as_of":"2026-11-24","counts":{"created":1},"events":1,"records":1,"state_digest":"sha256:00","findings":{"errors":1}}}`,
		`changeset.completed","data":null}`,
		`findings.changed","data":{"findings":[{"severity":"error","rule":"NS001","line":1}],"summary":{"errors":1}}}`,
		`foreign","data":{}}`,
	} {
		f.Add([]byte(head + rest))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := event.Decode(data)
		if err != nil {
			return
		}
		var fold event.Fold
		_, _ = fold.Apply(e, 1) // it may well refuse
		if e.Changeset == nil {
			_, _ = fold.Apply(event.Event{Changeset: &event.Changeset{}}, 2)
		}
		once, err := event.Encode(e)
		if err != nil {
			t.Fatalf("%q can be read and not written: %v", data, err)
		}
		again, err := event.Decode(once)
		if err != nil {
			t.Fatalf("%q was written as %q, which cannot be read: %v", data, once, err)
		}
		twice, err := event.Encode(again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%q was written as %q, and then as %q: %v", data, once, twice, err)
		}
		if e.Subject() != again.Subject() || e.ID != again.ID {
			t.Errorf("%q is read as %+v and %+v", data, e, again)
		}
	})
}
