package snapshot

import (
	"encoding/json"
	"fmt"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/shared"
)

// A Delta has the changes from the state after one changeset to the state after the next.
type Delta struct {
	Dataset string    `json:"dataset"`
	From    Point     `json:"from"`
	To      Point     `json:"to"`
	Commit  string    `json:"commit"`
	AsOf    string    `json:"as_of"`
	Time    time.Time `json:"time"`
	Records int       `json:"records"` // in the state that it leads to
	// Manifest is the new manifest in canonical form, if it changed.
	Manifest json.RawMessage `json:"manifest,omitempty"`
	// Changes have to be applied in this order.
	Changes []Change `json:"changes"`
}

// A Change is the change of one record.
type Change struct {
	Collection     schema.Collection `json:"collection"`
	ID             string            `json:"id"`
	Op             event.Op          `json:"op"`
	PreviousDigest *schema.Digest    `json:"previous_digest"` // null where there was none
	Digest         *schema.Digest    `json:"digest"`          // null where it is removed
	Record         json.RawMessage   `json:"record"`          // canonical; null where it is removed
}

// RecordID returns the record that changed.
func (c *Change) RecordID() schema.RecordID {
	return schema.RecordID{Collection: c.Collection, ID: c.ID}
}

// pointOf returns the point at the end of an entry of the history.
func pointOf(e publishers.Entry) Point {
	return Point{e.Changeset.ID, e.Sequence, e.Changeset.StateDigest, e.Changeset.ManifestDigest}
}

// deltaOf returns the delta of one changeset.
func deltaOf(dataset string, from Point, e publishers.Entry) *Delta {
	d := &Delta{
		Dataset: dataset, From: from, To: pointOf(e),
		Commit: e.Changeset.Commit, AsOf: e.Changeset.AsOf, Time: e.Time.UTC(), Records: e.Changeset.Records,
		Changes: []Change{},
	}
	if d.To.ManifestDigest != from.ManifestDigest {
		d.Manifest = e.Changeset.Manifest
	}
	for _, c := range e.Changes {
		again := c.Digest != nil && c.PreviousDigest != nil && *c.Digest == *c.PreviousDigest
		if !again { // on request, what is so
			d.Changes = append(d.Changes, Change{c.Collection, c.ID, c.Op, c.PreviousDigest, c.Digest, c.Record})
		}
	}
	return d
}

// fileName returns the name of a delta's file, below the folder of data files.
func (d *Delta) fileName() string {
	return fmt.Sprintf("%s/%d..%d.json", Folder, d.From.Sequence, d.To.Sequence)
}

func (d *Delta) encode() ([]byte, error) { return encode(d.fileName(), d) }

// encode writes JSON that leaves canonical records as they are.
func encode(name string, v any) ([]byte, error) {
	data, err := shared.EncodeJSON(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", name, err)
	}
	return append(data, '\n'), nil
}

// DecodeDelta decodes a delta. It returns an error if a record does not match its digest.
func DecodeDelta(data []byte) (*Delta, error) {
	var d Delta
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("decode a delta: %w", err)
	}
	for n := range d.Changes {
		if err := d.Changes[n].check(); err != nil {
			return nil, fmt.Errorf("decode the delta %d..%d: %w", d.From.Sequence, d.To.Sequence, err)
		}
	}
	if d.Manifest != nil && schema.DigestOf(d.Manifest) != d.To.ManifestDigest {
		return nil, fmt.Errorf("decode the delta %d..%d: the manifest is not what its digest says", d.From.Sequence, d.To.Sequence)
	}
	return &d, nil
}

func (c *Change) check() error {
	id := c.RecordID()
	there := len(c.Record) > 0 && string(c.Record) != "null"
	switch {
	case !id.Valid():
		return fmt.Errorf("there is no record %q", id)
	case (c.Digest == nil) == there:
		return fmt.Errorf("%s has a record or a digest, and not the other", id)
	case there && schema.DigestOf(c.Record) != *c.Digest:
		return fmt.Errorf("%s is not what its digest says", id)
	}
	return nil
}
