package release

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"path"
	"slices"
)

// isSmallDelta reports whether a delta of so many bytes is small compared with
// the full form, which takes some 130 bytes a file.
func isSmallDelta(files, bytes int) bool { return bytes < files*130/32 }

// writeIndex writes the index in the smaller form and syncs it.
func (s *Stage) writeIndex() error {
	name, data := s.stagePath(".")+indexSuffix, s.encodeIndex()
	if _, err := s.root.create(name, data); err != nil {
		return err
	}
	if err := s.root.sync(name); err != nil {
		return err
	}
	got, err := s.root.ReadFile(name)
	if err == nil && !bytes.Equal(got, data) {
		err = &ReadBackError{path.Base(name)}
	}
	return err
}

// encodeIndex returns the index in the smaller form. The base of a delta form
// is that of the current release. It gets another link, so the file exists as
// long as a release needs it.
func (s *Stage) encodeIndex() []byte {
	if s.baseIndex != nil {
		lines := slices.Concat(s.baseIndex.lines, encodeChanges(s.staged.changes))
		if s.dir.useDelta(s.nextIndex.index.count, len(lines)) && s.linkBase() == nil {
			s.nextIndex.base, s.nextIndex.lines = s.baseIndex.base, lines
			return encodeDelta(s.nextIndex.index.count, s.baseIndex.base.sum, lines)
		}
	}
	data := s.nextIndex.index.encode()
	s.nextIndex.base = &fullIndex{sum: sha256.Sum256(data)}
	return data
}

func (s *Stage) linkBase() error {
	to := s.stagePath(".") + baseSuffix
	err := s.hardlink(s.basePath(".")+baseSuffix, to)
	if errors.Is(err, fs.ErrNotExist) { // the current release's index has the whole form
		err = s.hardlink(s.basePath(".")+indexSuffix, to)
	}
	return err
}

func (s *Stage) placeIndex() error {
	if s.baseIndex != nil && s.nextIndex.base == s.baseIndex.base {
		if err := s.root.Rename(s.stagePath(".")+baseSuffix, s.releasePath()+baseSuffix); err != nil {
			return err
		}
	}
	return s.root.Rename(s.stagePath(".")+indexSuffix, s.releasePath()+indexSuffix)
}
