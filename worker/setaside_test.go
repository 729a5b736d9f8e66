package worker_test

import (
	"cmp"
	"errors"
	"fmt"
	"testing"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/worker"
)

const dataset = "leiden-networks"

// TestMessagesThatAreNotEventsStopNothing publishes invalid messages to the
// stream, as a client of an open broker may.
func TestMessagesThatAreNotEventsStopNothing(t *testing.T) {
	t.Parallel()
	leru := event.RecordSubject(dataset, schema.RecordID{Collection: schema.Networks, ID: "leru"})
	for name, junk := range map[string]struct{ subject, data string }{
		"on an unknown record":    {"netsync." + dataset + ".networks.fake", "junk"},
		"on a record":             {leru, "junk"},
		"on a strange subject":    {"netsync." + dataset + ".a.b.c.d", "{}"},
		"on the changesets":       {event.ChangesetSubject(dataset), "junk"},
		"on the findings":         {event.FindingsSubject(dataset), "[]"},
		"of another dataset":      {leru, `{"specversion":"1.0","source":"/datasets/other","type":"netsync.record.removed","data":{"collection":"networks","id":"leru","op":"removed"}}`},
		"of another record":       {leru, `{"specversion":"1.0","source":"/datasets/` + dataset + `","type":"netsync.record.removed","data":{"collection":"networks","id":"eua","op":"removed"}}`},
		"with another digest":     {leru, `{"specversion":"1.0","source":"/datasets/` + dataset + `","type":"netsync.record.updated","data":{"collection":"networks","id":"leru","op":"updated","record":{"id":"leru"},"digest":"sha256:00"}}`},
		"a forged removal":        {leru, `{"specversion":"1.0","source":"/datasets/` + dataset + `","type":"netsync.record.removed","data":{"collection":"networks","id":"leru","op":"removed"}}`},
		"a changeset of no state": {event.ChangesetSubject(dataset), ""}, // made of the fixture's own
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.sync()
			data := cmp.Or(junk.data, f.forgedChangeset())
			if _, err := f.js.Publish(t.Context(), junk.subject, []byte(data)); err != nil {
				t.Fatal(err)
			}
			f.change("after-the-junk")
			f.sync()
			f.isWhole()
			// Over a restart, too.
			f.syncer = f.another(0)
			f.change("after-a-restart")
			f.sync()
			f.isWhole()
			if r := f.sync(); r.Appended != 0 {
				t.Errorf("a pass at rest published %d events", r.Appended)
			}
		})
	}
}

// isWhole checks that the whole stream, and the last messages of all subjects,
// each give the state of the last changeset.
func (f *fixture) isWhole() {
	f.t.Helper()
	reader := f.reader()
	state, hidden, last, err := reader.Audit(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	for id := range hidden.Records {
		if !state.State.Stored(id).IsZero() {
			f.t.Errorf("the stream hides %s", id)
		}
	}
	if hidden.Changeset || hidden.Findings {
		f.t.Errorf("the stream hides %+v", hidden)
	}
	newest, ok, err := reader.LastChangeset(f.t.Context())
	if err != nil || !ok || newest.Seq != last {
		f.t.Fatalf("the last changeset is %d of %d, %v", newest.Seq, last, err)
	}
	fold, _, err := reader.Latest(f.t.Context())
	if err != nil || fold.Position.Sequence != last || len(fold.Pending()) != 0 {
		f.t.Fatalf("folded to %+v, %v", fold.Position, err)
	}
	if got := f.Published(schema.RecordID{Collection: schema.Networks, ID: "leru"}); got.IsZero() {
		f.t.Error("LERU is not published any more")
	}
}

func TestAnEventOfALaterVersionIsPassedOver(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var reported []stream.Message
	f.syncer = f.with(func(c *worker.Config) { c.OnSetAside = func(m stream.Message) { reported = append(reported, m) } })
	f.sync()
	later := `{"specversion":"1.0","source":"/datasets/` + dataset + `","type":"netsync.record.merged","data":{}}`
	if _, err := f.js.Publish(t.Context(), "netsync."+dataset+".networks.leru", []byte(later)); err != nil {
		t.Fatal(err)
	}
	if r := f.sync(); r.Appended != 0 || len(reported) != 0 {
		t.Errorf("%d events published, %d messages reported", r.Appended, len(reported))
	}
	if _, err := f.js.Publish(t.Context(), "netsync."+dataset+".networks.fake", []byte("junk")); err != nil {
		t.Fatal(err)
	}
	f.sync()
	if len(reported) != 1 || !errors.Is(reported[0].SetAside, event.ErrForeign) {
		t.Errorf("reported %+v", reported)
	}
}

// forgedChangeset returns the last changeset event with another id and a digest
// of no state.
func (f *fixture) forgedChangeset() string {
	f.t.Helper()
	m, ok, err := f.reader().LastChangeset(f.t.Context())
	if err != nil || !ok {
		f.t.Fatal(ok, err)
	}
	m.ID, m.Changeset.ID, m.Changeset.StateDigest = "forged", "forged", schema.DigestOf(nil)
	data, err := event.Encode(m.Event)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(data)
}

// change commits a new organization.
func (f *fixture) change(name string) {
	f.t.Helper()
	f.repo.write("organizations/"+name+".yaml", fmt.Sprintf("id: %s\nname: Organization %s\nkind: other\n", name, name))
	f.repo.commit("Add " + name)
}
