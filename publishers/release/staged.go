package release

import (
	"fmt"
	"path"
	"strconv"
	"sync"
)

// staged holds the differences of a stage from the current release. It is safe
// for concurrent use.
type staged struct {
	mu      sync.Mutex
	changes map[string]change
	written map[string]string // paths of new content, relative to the channel's folder
	last    int               // the number of the newest file in newDir
	damaged map[string]bool   // files of the current release that differ from its index
	// names holds true for each file of the release and false for each folder.
	// It is nil in an amended stage, where the files of the current release stay.
	names map[string]bool
}

// addName adds a file to a stage that lists all its files. The error is a
// *NameError if a file has the path of a folder, or the other way round.
func (s *staged) addName(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names == nil {
		return nil
	}
	if isFile, ok := s.names[name]; ok && !isFile {
		return &NameError{name, "it is a folder"}
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if s.names[dir] {
			return &NameError{name, fmt.Sprintf("%s is a file", dir)}
		}
	}
	s.names[name] = true
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		s.names[dir] = false
	}
	return nil
}

// removeName removes a file and its change.
func (s *staged) removeName(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.changes, name)
	delete(s.written, name)
	delete(s.names, name)
}

// revertChange discards the change of a file.
func (s *staged) revertChange(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.changes, name)
	delete(s.written, name)
}

// setChange changes a file. Its new content is in a file at a path, or that of the
// current release if the path is empty.
func (s *staged) setChange(name string, c change, at string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes[name] = c; at != "" {
		s.written[name] = at
	}
}

func (s *staged) get(name string) (change, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.changes[name]
	return c, ok
}

// newName returns a name that no file in newDir has.
func (s *staged) newName() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	return strconv.Itoa(s.last)
}

func (s *staged) addDamage(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.damaged[name] = true
}

func (s *staged) isDamaged(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.damaged[name]
}

// removeUnlisted removes the files of the current release that a stage does not
// list, unless it amends that release.
func (s *staged) removeUnlisted(base index) {
	if s.names == nil {
		return
	}
	for name := range base.allFiles() {
		if !s.names[name] {
			s.changes[name] = change{removed: true}
		}
	}
}

// isEqual reports whether the changes leave names and contents as they are in
// the current release.
func (s *staged) isEqual(base index) bool {
	for name, c := range s.changes {
		if old, ok := base.get(name); c.removed || !ok || !old.isSameContent(c.entry) {
			return false
		}
	}
	return true
}
