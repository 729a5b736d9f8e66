package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"netsync/schema"
)

// Belongs reports whether the file at a path of a folder is part of the
// dataset, so that a change of it requires UpdateFolder.
func Belongs(name string) bool {
	_, role := classifyPath(name)
	return role != "" || inDataset(name)
}

// UpdateFolder updates a snapshot of ReadFolder for files that were added,
// removed or changed. If the manifest's languages changed, it reads everything.
// After an error the snapshot must not be used.
func (s *Snapshot) UpdateFolder(ctx context.Context, fsys fs.FS, names []string, o Options) (*Delta, error) {
	delta := newDelta()
	var manifests, images, records []string
	for _, name := range names {
		info, err := fs.Lstat(fsys, name)
		switch _, role := classifyPath(name); {
		case errors.Is(err, fs.ErrNotExist):
			s.removeFile(name, delta)
			delta.Manifest = delta.Manifest || role == Manifest
		case err != nil:
			return nil, fmt.Errorf("read dataset: %w", err)
		case role == Manifest:
			manifests = append(manifests, name)
		case role == Asset:
			images = append(images, name)
		case role != "", info.Mode()&fs.ModeSymlink != 0 && inDataset(name):
			records = append(records, name)
		default:
			s.removeFile(name, delta) // it was a link
		}
	}
	if len(manifests) > 0 || delta.Manifest {
		full, err := s.updateFolderManifest(ctx, fsys, manifests, o, delta)
		if err != nil || full != nil {
			return full, err
		}
	}
	c := schema.Context{Language: "en"}
	if s.Manifest != nil {
		c = s.schemaContext()
	}
	c = s.withImages(c)
	if err := s.readFiles(ctx, fsys, images, o, c, delta); err != nil { // before records, which show them
		return nil, err
	}
	if err := s.readFiles(ctx, fsys, records, o, c, delta); err != nil {
		return nil, err
	}
	return delta, s.renewImages(c, delta)
}

// updateFolderManifest reads the manifest. If that changes the published form
// of records, it reads everything and returns that delta.
func (s *Snapshot) updateFolderManifest(ctx context.Context, fsys fs.FS, names []string, o Options, delta *Delta) (*Delta, error) {
	old := s.Manifest
	if err := s.readFiles(ctx, fsys, names, o, schema.Context{}, delta); err != nil {
		return nil, err
	}
	var file *File
	if paths := s.ManifestPaths(); len(paths) > 0 {
		file = s.files[paths[0]]
	}
	if err := s.readManifest(file, o.Now); err != nil || sameContext(old, s.Manifest) {
		return nil, err
	}
	whole, all, err := ReadFolder(ctx, fsys, o)
	if err != nil {
		return nil, err
	}
	*s = *whole
	return all, nil
}
