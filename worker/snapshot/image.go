package snapshot

import (
	"fmt"
	"iter"

	"netsync/schema"
)

// Image returns the valid image at a path, or nil.
func (s *Snapshot) Image(path string) *Image {
	if f := s.images[path]; f != nil {
		return f.Image
	}
	return nil
}

// Images yields the valid images by path, in undefined order.
func (s *Snapshot) Images() iter.Seq2[string, *Image] {
	return func(yield func(string, *Image) bool) {
		for path, f := range s.images {
			if !yield(path, f.Image) {
				return
			}
		}
	}
}

// ShownBy returns the records that show the image at a path, sorted by path.
func (s *Snapshot) ShownBy(path string) []schema.RecordID {
	var ids []schema.RecordID
	for _, name := range s.Referrers(Target{Asset: path}) {
		ids = append(ids, s.files[name].ID)
	}
	return ids
}

// changeImage records that an image was added or, if f is nil, removed.
func (s *Snapshot) changeImage(path string, f *File, delta *Delta) {
	delta.Assets = true
	delete(s.images, path)
	if f != nil && f.Image != nil {
		s.images[path] = f
	}
}

// renewImages updates the records whose images changed, except those that the
// same update read.
func (s *Snapshot) renewImages(c schema.Context, delta *Delta) error {
	if !delta.Assets || delta.All {
		return nil // images are read before records
	}
	var stale []*File
	for path := range delta.Paths {
		for _, name := range s.Referrers(Target{Asset: path}) {
			if _, read := delta.Paths[name]; !read {
				stale = append(stale, s.files[name])
			}
		}
	}
	for _, f := range stale {
		if err := s.renewImage(f, c, delta); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	return nil
}

func (s *Snapshot) renewImage(f *File, c schema.Context, delta *Delta) error {
	if f.Stored.IsZero() {
		return nil
	}
	value, err := f.Record().Value()
	if err != nil {
		return err
	}
	record, err := schema.NewRecord(f.ID, schema.Normalize(f.ID.Collection, value, c))
	if err != nil || record.Digest == f.Stored.Digest() {
		return err
	}
	renewed := *f
	renewed.Stored = schema.Store(record)
	s.put(&renewed, delta)
	return nil
}

// withImages returns a context that takes images from the snapshot.
func (s *Snapshot) withImages(c schema.Context) schema.Context {
	c.Image = func(path string) *schema.Image {
		if image := s.Image(path); image != nil {
			return &image.Image
		}
		return nil
	}
	return c
}
