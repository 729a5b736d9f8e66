package snapshot

import (
	"fmt"
	"time"

	"netsync/schema"
)

// Options are what reading a dataset depends on beside the dataset.
type Options struct {
	// Check finds what is wrong with one document by itself. The collection
	// is "" for the manifest.
	Check func(d *Document, id schema.RecordID) []schema.Finding
	// Now is the moment whose day, in the dataset's time zone, states are
	// derived for.
	Now time.Time
}

// readManifest makes the manifest the snapshot's own, where it can be read.
func (s *Snapshot) readManifest(f *File, now time.Time) error {
	s.ManifestFile, s.Manifest = f, nil
	if f == nil || f.Record.JSON == nil {
		return nil
	}
	manifest, err := schema.DecodeManifest(f.Record.JSON)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	s.Manifest = manifest
	day, err := Today(manifest, now)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	if s.AsOf.IsZero() { // later days are for Rederive, which knows what to do about them
		s.AsOf = day
	}
	return nil
}

// Today returns the day that it is at a moment in a dataset's time zone.
func Today(m *schema.Manifest, now time.Time) (schema.Day, error) {
	zone, err := time.LoadLocation(m.TimeZone)
	if err != nil {
		return schema.Day{}, fmt.Errorf("time zone: %w", err)
	}
	return schema.DayIn(now, zone), nil
}

// build parses a file's content. A file with errors has no record.
func (o Options) build(name string, data []byte, ctx schema.Context) (*File, error) {
	id, _ := Classify(name)
	return o.finish(Parse(name, data), id, ctx)
}

// refuse makes the file of a tree entry that is no regular file.
func (o Options) refuse(name, what string) *File {
	id, _ := Classify(name)
	d := &Document{Path: name}
	d.problem(NotAFile, Start, "", "%s stands here, not a regular file", what)
	return &File{Path: name, ID: id, Findings: o.Check(d, id)}
}

func (o Options) finish(d *Document, id schema.RecordID, ctx schema.Context) (*File, error) {
	f := &File{
		Path:     d.Path,
		ID:       id,
		Refs:     refs(d, schema.ShapeOf(id.Collection)),
		Aliases:  aliases(d.Value),
		Dated:    dated(d.Value),
		Findings: o.Check(d, id),
	}
	for _, finding := range f.Findings {
		if finding.Severity == schema.Error {
			return f, nil
		}
	}
	if id == (schema.RecordID{}) {
		ctx = manifestContext(d.Value)
	}
	record, err := schema.NewRecord(id, schema.Normalize(id.Collection, d.Value, ctx))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Path, err)
	}
	f.Record = record
	return f, nil
}

// manifestContext takes the default language from the manifest itself.
func manifestContext(manifest map[string]any) schema.Context {
	var ctx schema.Context
	if languages, _ := manifest["languages"].([]any); len(languages) > 0 {
		ctx.Language, _ = languages[0].(string)
	}
	return ctx
}

// dated reports whether a record has dates that its state follows from.
func dated(record map[string]any) bool {
	membership, _ := record["membership"].(map[string]any)
	return membership["since"] != nil || membership["until"] != nil || record["starts"] != nil || record["ends"] != nil
}

func aliases(record map[string]any) []string {
	list, _ := record["aliases"].([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		if alias, ok := item.(string); ok {
			out = append(out, alias)
		}
	}
	return out
}
