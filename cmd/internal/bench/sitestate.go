package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// A state file holds the manifest's published form on its first line, and on
// each other one a record: <collection>/<id>, a space, and its canonical JSON.

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
	manifest, err := schema.Canonical(schema.Normalize("", siteManifest(), in))
	fmt.Fprintf(w, "%s\n", manifest)
	for _, r := range siteRecords(count) {
		if err != nil {
			break
		}
		var record []byte
		record, err = schema.Canonical(schema.Normalize(r.collection, r.value(count), in))
		fmt.Fprintf(w, "%s/%s %s\n", r.collection, r.id(), record)
	}
	return errors.Join(err, w.Flush(), file.Close())
}

// A dataset is what a state file holds.
type dataset struct {
	manifest json.RawMessage
	state    *schema.State
	sequence event.Seq
}

func readState(state string) (*dataset, error) {
	file, err := os.Open(state)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	d := &dataset{state: &schema.State{}}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	lines.Scan()
	d.manifest = bytes.Clone(lines.Bytes())
	for lines.Scan() {
		name, record, _ := bytes.Cut(lines.Bytes(), []byte(" "))
		id, err := schema.ParseRecordID(string(name))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", state, err)
		}
		d.state.Put(schema.Record{ID: id, JSON: record, Digest: schema.DigestOf(record)})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", state, err)
	}
	return d, nil
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
