package snapshot

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"

	"netsync/schema"
	"netsync/schema/shared"
)

// ReadFolder reads the dataset in a folder, committed or not.
func ReadFolder(ctx context.Context, fsys fs.FS, o Options) (*Snapshot, *Delta, error) {
	s, delta := newSnapshot(), newDelta()
	delta.All = true
	var manifests, images, records []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir():
			if name == ".git" {
				return fs.SkipDir
			}
			return nil
		}
		switch _, role := classifyPath(name); {
		case role == Manifest:
			manifests = append(manifests, name)
		case role == Asset:
			images = append(images, name)
		case role != "", entry.Type()&fs.ModeSymlink != 0 && inDataset(name):
			records = append(records, name)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read dataset: %w", err)
	}
	c := schema.Context{Language: "en"}
	if err := s.readFiles(ctx, fsys, manifests, o, c, delta); err != nil {
		return nil, nil, err
	}
	if paths := s.ManifestPaths(); len(paths) > 0 {
		if err := s.readManifest(s.files[paths[0]], o.Now); err != nil {
			return nil, nil, err
		}
	}
	if s.Manifest != nil {
		c = s.schemaContext()
	}
	c = s.withImages(c)
	if err := s.readFiles(ctx, fsys, images, o, c, delta); err != nil {
		return nil, nil, err
	}
	return s, delta, s.readFiles(ctx, fsys, records, o, c, delta)
}

// readFiles reads and parses files on all cores.
func (s *Snapshot) readFiles(ctx context.Context, fsys fs.FS, names []string, o Options, c schema.Context, delta *Delta) error {
	files := make([]*File, len(names))
	err := shared.ForEach(runtime.GOMAXPROCS(0), names, func(i int, name string) (err error) {
		if err = ctx.Err(); err == nil {
			files[i], err = o.readFile(fsys, name, c)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range files {
		s.put(f, delta)
	}
	return nil
}

func (o Options) readFile(fsys fs.FS, name string, c schema.Context) (*File, error) {
	info, err := fs.Lstat(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read dataset: %w", err)
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return o.newIrregular(name, "a symbolic link"), nil
	case !info.Mode().IsRegular():
		return o.newIrregular(name, "something special"), nil
	case info.Size() > maxSize(name):
		return o.newTooLarge(name, info.Size()), nil
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read dataset: %w", err)
	}
	return o.buildFile(name, data, c)
}
