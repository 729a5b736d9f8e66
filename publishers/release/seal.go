package release

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"path"
	"slices"
)

// abridge says whether an index may depart from its base by so many bytes:
// while that is little of what the whole form takes, some 130 bytes a file.
func abridge(files, bytes int) bool { return bytes < files*130/32 }

// seal writes the index, to the disk, in the form that costs less.
func (s *Stage) seal() error {
	name, data := s.path(".")+indexSuffix, s.encodeIndex()
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

// encodeIndex chooses the form. The base that the short form needs is the
// current release's, which it gets a link to: the file lives as long as a
// release departs from it.
func (s *Stage) encodeIndex() []byte {
	if s.known != nil {
		lines := slices.Concat(s.known.lines, encodeChanges(s.delta))
		if s.dir.abridge(s.next.index.count, len(lines)) && s.linkBase() == nil {
			s.next.base, s.next.lines = s.known.base, lines
			return encodeShort(s.next.index.count, s.known.base.sum, lines)
		}
	}
	data := s.next.index.encode()
	s.next.base = &base{sum: sha256.Sum256(data)}
	return data
}

func (s *Stage) linkBase() error {
	to := s.path(".") + baseSuffix
	err := s.hardlink(s.basePath(".")+baseSuffix, to)
	if errors.Is(err, fs.ErrNotExist) { // the current release's index has the whole form
		err = s.hardlink(s.basePath(".")+indexSuffix, to)
	}
	return err
}

func (s *Stage) placeIndex() error {
	if s.known != nil && s.next.base == s.known.base {
		if err := s.root.Rename(s.path(".")+baseSuffix, s.place()+baseSuffix); err != nil {
			return err
		}
	}
	return s.root.Rename(s.path(".")+indexSuffix, s.place()+indexSuffix)
}
