package release

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Earlier versions wrote releases/<name>.index for each release, with a line for
// each file, or with the differences from releases/<name>.base.
const (
	indexSuffix = ".index"
	baseSuffix  = ".base"
)

// importIndexes writes the index log from the indexes of earlier versions, and
// removes these. A release without a readable index has none afterwards.
func (d *Dir) importIndexes(root *folder) error {
	entries, err := fs.ReadDir(root.FS(), releasesDir)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		return !strings.HasSuffix(e.Name(), indexSuffix) && !strings.HasSuffix(e.Name(), baseSuffix)
	})
	if len(entries) == 0 {
		return nil
	}
	if !pathExists(root, path.Join(releasesDir, logFile)) {
		var all []*indexed
		for _, e := range entries {
			name, ok := strings.CutSuffix(e.Name(), indexSuffix)
			info, err := e.Info()
			if x, readErr := readOldIndex(filepath.Join(d.path, releasesDir, name)); ok && err == nil && readErr == nil {
				all = append(all, &indexed{name: name, time: info.ModTime(), index: x})
			}
		}
		slices.SortStableFunc(all, func(a, b *indexed) int { return a.time.Compare(b.time) })
		if err := d.log.rewriteFile(root, all); err != nil {
			return err
		}
	}
	errs := []error{root.RemoveAll(spareDir)}
	for _, e := range entries {
		errs = append(errs, root.Remove(path.Join(releasesDir, e.Name())))
	}
	return errors.Join(errs...)
}

// readOldIndex reads the index of the release at a path.
func readOldIndex(at string) (index, error) {
	data, err := os.ReadFile(at + indexSuffix)
	if err != nil {
		return index{}, err
	}
	var version, files int
	heading, lines, _ := bytes.Cut(data, []byte("\n"))
	if _, err := fmt.Sscanf(string(heading), "netsync release index %d, files: %d", &version, &files); err != nil {
		return index{}, fmt.Errorf("heading %q: %w", heading, err)
	}
	var x index
	if version == 2 {
		base, err := os.ReadFile(at + baseSuffix)
		if err != nil {
			return index{}, err
		}
		_, baseLines, _ := bytes.Cut(base, []byte("\n"))
		if x, err = x.withLines(baseLines); err != nil {
			return index{}, err
		}
		at := max(bytes.LastIndex(data, []byte(sumPrefix)), 0)
		if want := fmt.Appendf(nil, "%s%x\n", sumPrefix, sha256.Sum256(data[:at])); !bytes.Equal(data[at:], want) {
			return index{}, errors.New("cut short or damaged")
		}
		lines = data[len(heading)+1 : at]
	}
	if x, err = x.withLines(lines); err == nil && x.count != files {
		err = fmt.Errorf("%d files where the heading says %d", x.count, files)
	}
	return x, err
}
