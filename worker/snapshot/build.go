package snapshot

import (
	"fmt"
	"strings"
	"time"

	"netsync/schema"
	"netsync/worker/asset"
	"netsync/worker/yaml"
)

// Options are the parameters of reading a dataset.
type Options struct {
	// Check returns the findings of one document by itself; the id is zero for
	// the manifest.
	Check func(d *yaml.Document, id schema.RecordID, c schema.Context) []schema.Finding
	// CheckAsset returns the findings of an image.
	CheckAsset func(name string, problems []asset.Problem) []schema.Finding
	// Stray returns the finding of a file in a wrong place.
	Stray func(name string) schema.Finding
	// Now is the time whose day, in the dataset's time zone, states are derived
	// for.
	Now time.Time
	// CheckOnly omits the published form of records.
	CheckOnly bool
}

// readManifest sets the manifest of the snapshot, if f can be read.
func (s *Snapshot) readManifest(f *File, now time.Time) error {
	s.ManifestFile, s.Manifest = f, nil
	if f == nil || f.Stored.IsZero() {
		return nil
	}
	manifest, err := schema.DecodeManifest(f.Record().JSON)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	s.Manifest = manifest
	day, err := Today(manifest, now)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	if s.AsOf.IsZero() { // Rederive sets later days
		s.AsOf = day
	}
	return nil
}

// Today returns the day at a moment in a dataset's time zone.
func Today(m *schema.Manifest, now time.Time) (schema.Day, error) {
	zone, err := time.LoadLocation(m.TimeZone)
	if err != nil {
		return schema.Day{}, fmt.Errorf("time zone: %w", err)
	}
	return schema.DayIn(now, zone), nil
}

// maxSize returns the maximum size of a file in bytes.
func maxSize(name string) int64 {
	if _, role := classifyPath(name); role == Asset {
		return asset.MaxSize
	}
	return yaml.MaxSize
}

// newFile returns a file with nothing but its path.
func newFile(name string, id schema.RecordID, role Role) *File {
	return &File{Path: name, ID: id, Role: role, claims: []claim{Claim{ClaimPath, strings.ToLower(name), "", yaml.Start}.packClaim()}}
}

// buildFile returns a file with its content. A file with errors has no record.
func (o Options) buildFile(name string, data []byte, c schema.Context) (*File, error) {
	id, role := classifyPath(name)
	f := newFile(name, id, role)
	switch role {
	case Stray:
		f.Findings = []schema.Finding{o.Stray(name)}
		return f, nil
	case Asset:
		image, problems := asset.Read(name, data)
		if f.Findings = o.CheckAsset(name, problems); !f.Broken() {
			f.Image = &Image{Image: image}
		}
		return f, nil
	}
	return f, o.readDocument(f, data, c)
}

// newIrregular returns a tree entry that is not a regular file. In a
// collection's folder it has the id of its name.
func (o Options) newIrregular(name, what string) *File {
	id, role := classifyPath(name)
	if role == "" {
		if id, role = recordAt(name), Record; id == (schema.RecordID{}) {
			role = Asset
		}
	}
	return o.newUnread(newFile(name, id, role), yaml.NotAFile, what+" stands here, not a regular file")
}

// newTooLarge returns a file that is too large to be read.
func (o Options) newTooLarge(name string, size int64) *File {
	id, role := classifyPath(name)
	f := newFile(name, id, role)
	if role == Asset {
		f.Findings = o.CheckAsset(name, asset.CheckSize(size))
		return f
	}
	return o.newUnread(f, yaml.TooLarge, fmt.Sprintf("the file has %d KiB, at most %d are allowed", size>>10, maxSize(name)>>10))
}

// newUnread adds the finding of a file that is not read.
func (o Options) newUnread(f *File, kind yaml.Kind, message string) *File {
	d := yaml.Unread(f.Path, kind, message)
	f.Findings = o.Check(d, f.ID, schema.Context{})
	return f
}

// readDocument parses a manifest or a record.
func (o Options) readDocument(f *File, data []byte, c schema.Context) error {
	d := yaml.Parse(f.Path, data)
	defer d.Release()
	if f.Role == Manifest {
		c = manifestContext(d.Value)
	}
	f.addReferences(d, c)
	f.Dated = hasDates(d.Value)
	f.Findings = o.Check(d, f.ID, c)
	if f.Broken() {
		return nil
	}
	f.Status = schema.StatusOn(f.ID.Collection, d.Value, c.AsOf)
	if o.CheckOnly && f.Role == Record {
		return nil
	}
	stored, err := schema.StoreValue(f.ID, schema.NormalizeOwn(f.ID.Collection, d.Value, c))
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	f.Stored = stored
	return nil
}

// manifestContext returns the context for the texts of the manifest itself.
func manifestContext(manifest map[string]any) schema.Context {
	c := schema.Context{Languages: toTexts(manifest["languages"])}
	if len(c.Languages) > 0 {
		c.Language = c.Languages[0]
	}
	return c
}

// hasDates reports whether a record has dates from which its state is derived.
func hasDates(record map[string]any) bool {
	membership, _ := record["membership"].(map[string]any)
	return membership["since"] != nil || membership["until"] != nil || record["starts"] != nil || record["ends"] != nil
}
