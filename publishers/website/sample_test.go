package website_test

import (
	"context"
	"crypto/sha1"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"
	"go.yaml.in/yaml/v4"

	"netsync/publishers"
	"netsync/publishers/website"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/sample"
)

// A story is a dataset with its history, as editions present it.
type story struct {
	t        testing.TB
	manifest map[string]any
	state    *schema.State
	entries  []publishers.Entry
	seq      event.Seq
}

var day = func() schema.Day {
	d, err := schema.ParseDay("2026-11-24")
	if err != nil {
		panic(err)
	}
	return d
}()

// sampleStory imports the sample dataset, or only the given records of it, in
// bulk.
func sampleStory(t testing.TB, only ...string) *story {
	s := &story{t: t, state: &schema.State{}}
	var first []change
	err := fs.WalkDir(sample.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		value := s.read(name)
		if name == "dataset.yaml" {
			s.manifest = value
			return nil
		}
		id, err := schema.ParseRecordID(strings.TrimSuffix(name, ".yaml"))
		if len(only) > 0 && !slices.Contains(only, id.String()) {
			return err
		}
		first = append(first, change{id, value})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.addChangeset(true, first...)
	return s
}

func (s *story) read(name string) map[string]any {
	s.t.Helper()
	data, err := fs.ReadFile(sample.FS(), name)
	if err != nil {
		s.t.Fatal(err)
	}
	var value map[string]any
	if err := yaml.Unmarshal(data, &value); err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	return value
}

// A change sets a record's value, or removes the record if value is nil.
type change struct {
	id    schema.RecordID
	value map[string]any
}

// addChangeset applies changes and adds their changeset.
func (s *story) addChangeset(bulk bool, changes ...change) {
	s.t.Helper()
	at := s.seq
	sha := fmt.Sprintf("%x", sha1.Sum([]byte(fmt.Sprint(at))))
	set := &event.Changeset{ID: fmt.Sprintf("%s@%d", sha, at), Commit: sha, AsOf: day.String(), Bulk: bulk}
	entry := publishers.Entry{Changeset: set}
	for _, c := range changes {
		e := s.apply(c)
		e.Bulk, e.Changeset = bulk, set.ID
		e.Commits = []event.Commit{{SHA: sha, Author: "Noor de Vries", Time: timeOf(at), Subject: fmt.Sprintf("Edit %s", c.id)}}
		entry.Changes = append(entry.Changes, e)
		s.seq++
	}
	s.seq++
	entry.Sequence, entry.Time = s.seq, timeOf(s.seq)
	set.Records, set.Events, set.StateDigest = s.state.Len(), len(changes), s.state.Digest()
	manifest, err := schema.Canonical(schema.Normalize("", s.manifest, s.context()))
	if err != nil {
		s.t.Fatal(err)
	}
	set.Manifest, set.ManifestDigest = manifest, schema.DigestOf(manifest)
	s.entries = append(s.entries, entry)
}

func timeOf(seq event.Seq) time.Time {
	return time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC).Add(time.Duration(seq) * time.Hour)
}

func (s *story) context() schema.Context { return schema.Context{Language: "en", AsOf: day} }

func (s *story) apply(c change) *event.Change {
	s.t.Helper()
	e := &event.Change{Collection: c.id.Collection, ID: c.id.ID, Op: event.Created, Significance: event.Minor}
	if before, ok := s.state.Get(c.id); ok {
		e.Op, e.Previous, e.PreviousDigest = event.Updated, before.JSON, &before.Digest
	}
	if c.value == nil {
		e.Op = event.Removed
		s.state.Remove(c.id)
		return e
	}
	after, err := schema.NewRecord(c.id, schema.Normalize(c.id.Collection, c.value, s.context()))
	if err != nil {
		s.t.Fatal(err)
	}
	e.Record, e.Digest = after.JSON, &after.Digest
	s.state.Put(after)
	return e
}

// editRecord returns a change of some keys of a record.
func (s *story) editRecord(id schema.RecordID, set map[string]any) change {
	s.t.Helper()
	r, ok := s.state.Get(id)
	if !ok {
		s.t.Fatalf("no record %s", id)
	}
	value, err := r.Value()
	if err != nil {
		s.t.Fatal(err)
	}
	for key, v := range set {
		value[key] = v
	}
	return change{id, value}
}

// edition returns the edition after the first n changesets were published.
func (s *story) edition(n int, fresh bool) publishers.Edition {
	s.t.Helper()
	last := s.entries[len(s.entries)-1]
	state := &schema.State{}
	for r := range s.state.All() {
		state.Put(r)
	}
	manifest, err := schema.DecodeManifest(last.Changeset.Manifest)
	if err != nil {
		s.t.Fatal(err)
	}
	return publishers.Edition{
		Position: event.Position{
			Dataset:     manifest.ID,
			Changeset:   last.Changeset.ID,
			Commit:      last.Changeset.Commit,
			Sequence:    last.Sequence,
			StateDigest: last.Changeset.StateDigest,
		},
		Changeset: last.Changeset,
		Manifest:  manifest,
		State:     state,
		Entries:   s.entries[n:],
		Fresh:     fresh,
		Asset:     func(_ context.Context, d schema.Digest) ([]byte, error) { return []byte("<svg>" + d + "</svg>"), nil },
	}
}

func newSite(t testing.TB, dir, base string) *website.Site {
	t.Helper()
	site, err := website.New(website.Config{Dir: dir, BaseURL: base, Feeds: true, Log: zaptest.NewLogger(t)})
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// publishStory publishes a story from its beginning and returns the release.
func publishStory(t testing.TB, s *story, base string) fs.FS {
	t.Helper()
	dir := t.TempDir()
	publish(t, newSite(t, dir, base), s.edition(0, true))
	return current(dir)
}

func publish(t testing.TB, site *website.Site, e publishers.Edition) {
	t.Helper()
	if err := site.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}
