package story_test

import (
	"encoding/json"
	"testing"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

var unaEuropa = schema.RecordID{Collection: schema.Networks, ID: "una-europa"}

// record returns a record with JSON text; for "" the zero Record.
func record(t testing.TB, id schema.RecordID, text string) schema.Record {
	t.Helper()
	if text == "" {
		return schema.Record{}
	}
	v, err := schema.DecodeJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := schema.NewRecord(id, v)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// change returns the change from one JSON text to another; "" is none.
func change(t testing.TB, op event.Op, id schema.RecordID, before, after string) *event.Change {
	t.Helper()
	c := &event.Change{Collection: id.Collection, ID: id.ID, Op: op}
	if before != "" {
		r := record(t, id, before)
		c.Previous, c.PreviousDigest = r.JSON, &r.Digest
	}
	if after != "" {
		r := record(t, id, after)
		c.Record, c.Digest = r.JSON, &r.Digest
	}
	return c
}

// describer returns a Describer that knows some records and terms.
func describer(t testing.TB, language string) story.Describer {
	t.Helper()
	var m schema.Manifest
	err := json.Unmarshal([]byte(`{
		"id": "leiden-networks", "languages": ["en", "nl"],
		"vocabularies": {
			"purposes": {"advocacy": {"en": "Advocacy", "nl": "Belangenbehartiging"}},
			"topics": {"water": {"en": "Water", "nl": "Water"}, "energy": {"en": "Energy", "nl": "Energie"}}
		}}`), &m)
	if err != nil {
		t.Fatal(err)
	}
	state := &schema.State{}
	for id, text := range map[string]string{
		"organizations/tu-delft": `{"name":{"en":"Delft University of Technology","nl":"Technische Universiteit Delft"}}`,
		"organizations/un":       `{"name":{"en":"United Nations"}}`,
		"networks/leru":          `{"name":{"en":"LERU"}}`,
	} {
		rid, err := schema.ParseRecordID(id)
		if err != nil {
			t.Fatal(err)
		}
		state.Put(record(t, rid, text))
	}
	return story.Describer{Manifest: &m, State: state, Language: language}
}
