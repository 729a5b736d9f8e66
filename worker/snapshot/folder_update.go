package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"netsync/schema"
)

// Belongs reports whether the file at a path of a folder matters to the
// dataset there, so that a change of it is worth an UpdateFolder.
func Belongs(name string) bool {
	_, role := classifyPath(name)
	return role != "" || inDataset(name)
}

// UpdateFolder brings a snapshot that ReadFolder made up to date with files
// that came, went or changed. A change of the manifest's languages makes it
// read everything. After an error the snapshot must not be used any more.
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
			s.removeFile(name, delta) // a link stood here
		}
	}
	if len(manifests) > 0 || delta.Manifest {
		again, err := s.updateFolderManifest(ctx, fsys, manifests, o, delta)
		if err != nil || again != nil {
			return again, err
		}
	}
	c := schema.Context{Language: "en"}
	if s.Manifest != nil {
		c = s.schemaContext()
	}
	c = s.withImages(c)
	if err := s.readFiles(ctx, fsys, images, o, c, delta); err != nil { // before the records that show them
		return nil, err
	}
	if err := s.readFiles(ctx, fsys, records, o, c, delta); err != nil {
		return nil, err
	}
	return delta, s.renewImages(c, delta)
}

// updateFolderManifest reads the manifest anew; where records read under it
// have another published form, everything, and then it returns that delta.
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
