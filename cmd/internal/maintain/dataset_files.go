package maintain

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"netsync/cmd/internal/cli"
	"netsync/schema"
	"netsync/worker/snapshot"
)

// A datasetFile is a file that belongs to a dataset.
type datasetFile struct {
	path string // as the user knows it
	name string // relative to the dataset, with slashes
	id   schema.RecordID
}

// datasetFiles returns the files that arguments name: files of a dataset, and
// folders for all of those below them.
func datasetFiles(ctx context.Context, args []string) ([]datasetFile, error) {
	var files []datasetFile
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, cli.UsageError("format: %w", err)
		}
		if !info.IsDir() {
			file, err := datasetFileAt(arg)
			if err != nil {
				return nil, err
			}
			files = append(files, file)
			continue
		}
		below, err := filesBelow(ctx, arg)
		if err != nil {
			return nil, err
		}
		files = append(files, below...)
	}
	return files, nil
}

func datasetFileAt(path string) (datasetFile, error) {
	root, err := datasetRoot(filepath.Dir(path))
	if err != nil {
		return datasetFile{}, err
	}
	file, ok, err := fileIn(root, path)
	if err != nil {
		return datasetFile{}, err
	}
	if !ok {
		return datasetFile{}, cli.UsageError("%s is neither a record nor the manifest of the dataset in %s", path, root)
	}
	return file, nil
}

func filesBelow(ctx context.Context, dir string) ([]datasetFile, error) {
	root, err := datasetRoot(dir)
	if err != nil {
		return nil, err
	}
	var files []datasetFile
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir() && entry.Name() == ".git":
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		file, ok, err := fileIn(root, path)
		if ok {
			files = append(files, file)
		}
		return err
	})
	return files, err
}

// fileIn tells what a path is to the dataset in a folder; ok is false where it
// does not belong to it.
func fileIn(root, path string) (file datasetFile, ok bool, err error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return datasetFile{}, false, err
	}
	name, err := filepath.Rel(root, absolute)
	if err != nil {
		return datasetFile{}, false, err
	}
	name = filepath.ToSlash(name)
	id, ok := snapshot.Classify(name)
	return datasetFile{path, name, id}, ok, nil
}

// datasetRoot finds the dataset that a folder belongs to: the nearest folder
// with a manifest, upwards.
func datasetRoot(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for at := start; ; at = filepath.Dir(at) {
		if _, ok := manifestIn(at); ok {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", cli.UsageError("there is no dataset in %s: neither there nor in a folder above it stands a %s.yaml", dir, snapshot.ManifestBase)
		}
	}
}

// manifestIn returns the name of the manifest in a folder.
func manifestIn(dir string) (name string, ok bool) {
	for _, ext := range []string{".yaml", ".yml", ".json"} {
		name := snapshot.ManifestBase + ext
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return name, true
		}
	}
	return "", false
}
