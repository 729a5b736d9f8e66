package event_test

import (
	"errors"
	"fmt"

	"netsync/schema"
	"netsync/schema/event"
)

// A message, as it arrives on the subject netsync.leiden-networks.networks.una-europa.
const created = `{
  "specversion": "1.0", "id": "4d1f@0:networks/una-europa", "source": "/datasets/leiden-networks",
  "type": "netsync.record.created", "subject": "networks/una-europa", "time": "2026-11-24T09:00:00Z",
  "datacontenttype": "application/json",
  "data": {
    "collection": "networks", "id": "una-europa", "op": "created", "significance": "major", "changeset": "4d1f@0",
    "digest": "sha256:56f91a5cdc8afdd9387c9e818fb1b47237834ae9705458689f12f69419ccbb0f", "previous_digest": null,
    "record": {"id":"una-europa","name":{"en":"Una Europa"}}, "previous": null
  }
}`

func ExampleDecode() {
	e, err := event.Decode([]byte(created))
	switch {
	case errors.Is(err, event.ErrLaterType):
		return // a later version of netsync says something that this program need not know
	case err != nil:
		fmt.Println(err)
		return
	}
	if c := e.Change; c != nil {
		fmt.Println(c.RecordID(), c.Op, c.Significance)
		fmt.Println(string(c.Record))
	}
	// Output:
	// networks/una-europa created major
	// {"id":"una-europa","name":{"en":"Una Europa"}}
}

// A fold counts record events only when their changeset is complete, and compares the
// digest of the state with the one that the changeset announces.
func ExampleFold() {
	id := schema.RecordID{Collection: schema.Networks, ID: "una-europa"}
	record := []byte(`{"id":"una-europa","name":{"en":"Una Europa"}}`)
	digest := schema.DigestOf(record)
	var announced schema.State
	announced.Put(schema.Record{ID: id, JSON: record, Digest: digest})
	events := []event.Event{
		{Type: event.RecordCreated, Change: &event.Change{
			Collection: id.Collection, ID: id.ID, Op: event.Created, Digest: &digest, Record: record, Changeset: "4d1f@0",
		}},
		{Type: event.ChangesetCompleted, Changeset: &event.Changeset{ID: "4d1f@0", StateDigest: announced.Digest()}},
	}
	var fold event.Fold
	for i, e := range events {
		complete, err := fold.Apply(e, event.Seq(i+1))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(complete, fold.State.Len())
	}
	fmt.Println(fold.Position.Changeset, fold.Position.Sequence)
	// Output:
	// false 0
	// true 1
	// 4d1f@0 2
}

func ExampleAllSubjects() {
	fmt.Println(event.AllSubjects("leiden-networks"))
	fmt.Println(event.RecordSubject("leiden-networks", schema.RecordID{Collection: schema.Networks, ID: "una-europa"}))
	fmt.Println(event.ChangesetSubject("leiden-networks"))
	// Output:
	// netsync.leiden-networks.>
	// netsync.leiden-networks.networks.una-europa
	// netsync.leiden-networks.changeset
}
