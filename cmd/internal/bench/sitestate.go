package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// A state file holds the manifest's published form on its first line, and on
// each other one a record's.

type stateLine struct {
	Collection schema.Collection `json:"collection"`
	ID         string            `json:"id"`
	Record     json.RawMessage   `json:"record"`
}

func writeState(name string, count int) error {
	day, err := schema.ParseDay("2026-11-24")
	if err != nil {
		return err
	}
	in := schema.Context{Language: siteLanguages[0], Languages: siteLanguages, AsOf: day}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // records stay canonical
	manifest, err := schema.Canonical(schema.Normalize("", siteManifest(), in))
	if err == nil {
		err = enc.Encode(json.RawMessage(manifest))
	}
	for _, r := range siteRecords(count) {
		if err != nil {
			break
		}
		var record []byte
		if record, err = schema.Canonical(schema.Normalize(r.collection, r.value(count), in)); err == nil {
			err = enc.Encode(stateLine{r.collection, r.id(), record})
		}
	}
	return errors.Join(err, w.Flush(), file.Close())
}

// A dataset is what a state file holds.
type dataset struct {
	manifest json.RawMessage
	state    *schema.State
	sequence event.Seq
}

func readState(name string) (*dataset, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	d := &dataset{state: &schema.State{}}
	dec := json.NewDecoder(bufio.NewReaderSize(file, 1<<20))
	if err := dec.Decode(&d.manifest); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	for {
		var line stateLine
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			return d, nil
		} else if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		id := schema.RecordID{Collection: line.Collection, ID: line.ID}
		d.state.Put(schema.Record{ID: id, JSON: line.Record, Digest: schema.DigestOf(line.Record)})
	}
}

// imported is the edition of the first import.
func (d *dataset) imported() (publishers.Edition, error) {
	var changes []*event.Change
	for r := range d.state.All() {
		changes = append(changes, &event.Change{Collection: r.ID.Collection, ID: r.ID.ID, Op: event.Created, Digest: &r.Digest, Record: r.JSON, Bulk: true})
	}
	return d.edition(true, changes)
}

// changed is the edition after the n-th activity got another summary.
func (d *dataset) changed(n int) (publishers.Edition, error) {
	id := schema.RecordID{Collection: schema.Activities, ID: siteRecord{schema.Activities, n}.id()}
	before, ok := d.state.Get(id)
	if !ok {
		return publishers.Edition{}, fmt.Errorf("there is no %s", id)
	}
	value, err := before.Value()
	if err != nil {
		return publishers.Edition{}, err
	}
	value["summary"] = map[string]any{"en": fmt.Sprintf("Another summary (%d).", d.sequence), "nl": fmt.Sprintf("Een andere samenvatting (%d).", d.sequence)}
	after, err := schema.NewRecord(id, value)
	if err != nil {
		return publishers.Edition{}, err
	}
	d.state.Put(after)
	return d.edition(false, []*event.Change{{
		Collection: id.Collection, ID: id.ID, Op: event.Updated, Significance: event.Minor,
		Digest: &after.Digest, Record: after.JSON, PreviousDigest: &before.Digest, Previous: before.JSON,
		Commits: []event.Commit{{SHA: "0123456789abcdef", Author: "Bench", Time: time.Unix(0, 0), Subject: "Another summary"}},
	}})
}

func (d *dataset) edition(fresh bool, changes []*event.Change) (publishers.Edition, error) {
	manifest, err := schema.DecodeManifest(d.manifest)
	if err != nil {
		return publishers.Edition{}, err
	}
	commit := fmt.Sprintf("%040x", d.sequence)
	set := &event.Changeset{
		ID: fmt.Sprintf("%s@%d", commit, d.sequence), Commit: commit, AsOf: "2026-11-24", Bulk: fresh,
		Records: d.state.Len(), Events: len(changes), StateDigest: d.state.Digest(),
		Manifest: d.manifest, ManifestDigest: schema.DigestOf(d.manifest),
	}
	d.sequence += event.Seq(len(changes) + 1)
	entry := publishers.Entry{Changeset: set, Sequence: d.sequence, Time: time.Unix(int64(d.sequence), 0), Changes: changes}
	return publishers.Edition{
		Position:  event.Position{Dataset: manifest.ID, Changeset: set.ID, Commit: commit, Sequence: d.sequence, StateDigest: set.StateDigest},
		Changeset: set, Manifest: manifest, State: d.state, Entries: []publishers.Entry{entry}, Fresh: fresh,
	}, nil
}
