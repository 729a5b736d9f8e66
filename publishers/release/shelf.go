package release

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// A shelf holds the indexes of releases in memory. An index file never
// changes; the comparison of the file sees that the whole folder was deleted
// and made again.
type shelf struct {
	mu     sync.Mutex
	loaded map[string]*loaded // by the path of the release
	last   *loaded            // the newest, to share memory with
}

// A loaded index knows the files that it was read from.
type loaded struct {
	info  fs.FileInfo
	index index
	base  *base  // the whole form that it departs from; its own where it has that form
	lines []byte // how it departs
	// proven says that the release's files were read, or written, by this
	// process, and are what the index says.
	proven bool
}

// A base is an index file in the whole form.
type base struct {
	info fs.FileInfo
	sum  [sha256.Size]byte
}

// load reads the index of the release at a path, or remembers it.
func (s *shelf) load(path string) (*loaded, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := os.Stat(path + indexSuffix)
	if err != nil {
		return nil, err
	}
	if l := s.loaded[path]; l != nil && sameFile(l.info, info) {
		return l, nil
	}
	data, err := os.ReadFile(path + indexSuffix)
	if err != nil {
		return nil, err
	}
	l, err := s.decode(path, info, data)
	if err != nil {
		return nil, fmt.Errorf("index of release %s: %w", filepath.Base(path), err)
	}
	s.put(path, l)
	return l, nil
}

func sameFile(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

func (s *shelf) put(path string, l *loaded) {
	if s.loaded == nil {
		s.loaded = make(map[string]*loaded)
	}
	s.loaded[path], s.last = l, l
}

func (s *shelf) decode(path string, info fs.FileInfo, data []byte) (*loaded, error) {
	short, ok, err := decodeShort(data)
	if err != nil {
		return nil, err
	}
	if !ok {
		x, b, err := s.whole(info, data)
		return &loaded{info: info, index: x, base: b}, err
	}
	from, err := s.nearest(path+baseSuffix, short)
	if err != nil {
		return nil, err
	}
	x, err := short.on(from)
	return &loaded{info: info, index: x, base: from.base, lines: short.lines}, err
}

// nearest finds an index that the short form goes on from: one that is
// remembered or, where there is none, its base, which it reads.
func (s *shelf) nearest(path string, short short) (*loaded, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	var best *loaded
	for _, l := range s.loaded {
		if l.base.sum == short.base && sameFile(l.base.info, info) && bytes.HasPrefix(short.lines, l.lines) &&
			(best == nil || len(l.lines) > len(best.lines)) {
			best = l
		}
	}
	if best != nil {
		return best, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	x, b, err := s.whole(info, data)
	if err == nil && b.sum != short.base {
		err = errors.New("its base is another")
	}
	return &loaded{index: x, base: b}, err
}

func (s *shelf) whole(info fs.FileInfo, data []byte) (index, *base, error) {
	x, err := decodeIndex(data)
	if err == nil && s.last != nil {
		x = x.sharing(s.last.index)
	}
	return x, &base{info, sha256.Sum256(data)}, err
}

// remember saves the next stage from reading the index that was just written.
func (s *shelf) remember(path string, l *loaded) {
	info, err := os.Stat(path + indexSuffix)
	if err != nil {
		return // it will be read, and the error be found, when it is needed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.info = info; l.base.info == nil {
		l.base.info = info
	}
	s.put(path, l)
}

// move follows a release to another path.
func (s *shelf) move(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.loaded[from]; l != nil {
		s.loaded[to] = l
	}
	delete(s.loaded, from)
}

// forget lets go of a release that is no more.
func (s *shelf) forget(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.loaded, path)
}

func (s *shelf) prove(l *loaded, proven bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.proven = proven
}

func (s *shelf) proven(l *loaded) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return l.proven
}

// tidy forgets the releases that are gone, for a Dir that only looks while
// another flips.
func (s *shelf) tidy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path := range s.loaded {
		if _, err := os.Stat(path + indexSuffix); errors.Is(err, fs.ErrNotExist) {
			delete(s.loaded, path)
		}
	}
}
