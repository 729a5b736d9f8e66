package target

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"netsync/publishers/release"
	"netsync/schema/event"
)

// positionFile is the file with the position of a release.
const positionFile = "channel.json"

// A Site holds the files for every target: those of the website and of the feed. It does not
// change. Its files can be read while their releases are kept.
type Site struct {
	Position event.Position
	website  release.Files
	feed     release.Files
}

// private are files of the feed that are not published.
var private = map[string]bool{positionFile: true, "kept.json": true}

// ReadSite returns the present site. feed is nil if there is none here; ReadSite omits one
// that shows nothing yet. The error is fs.ErrNotExist while the website shows nothing.
func ReadSite(website, feed *release.Dir) (*Site, error) {
	var s Site
	var err error
	if feed != nil { // first, so that it is not ahead of the website
		if s.feed, err = feed.Files(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("look at the feed: %w", err)
		}
	}
	if s.website, err = website.Files(); err != nil {
		return nil, fmt.Errorf("look at the website: %w", err)
	}
	data, err := s.website.ReadFile(positionFile)
	if err != nil {
		return nil, fmt.Errorf("look at the website: %w", err)
	}
	if err := json.Unmarshal(data, &s.Position); err != nil {
		return nil, fmt.Errorf("look at the website: read %s: %w", positionFile, err)
	}
	return &s, nil
}

// Get returns the description of a file.
func (s *Site) Get(name string) (release.File, bool) {
	if f, ok := s.website.Get(name); ok {
		return f, true
	}
	if private[name] {
		return release.File{}, false
	}
	return s.feed.Get(name)
}

// All iterates over the files in undefined order.
func (s *Site) All() iter.Seq2[string, release.File] {
	return func(yield func(string, release.File) bool) {
		for name, f := range s.website.All() {
			if !yield(name, f) {
				return
			}
		}
		for name, f := range s.feed.All() {
			if _, hidden := s.website.Get(name); hidden || private[name] {
				continue
			}
			if !yield(name, f) {
				return
			}
		}
	}
}

// ChangedSince returns the names of the files that differ between two sites. Its cost
// depends on the number of changes.
func (s *Site) ChangedSince(since *Site) map[string]bool {
	names := make(map[string]bool)
	look := func(departs iter.Seq[string]) {
		for name := range departs {
			now, is := s.Get(name)
			before, was := since.Get(name)
			if is != was || now != before {
				names[name] = true
			}
		}
	}
	look(s.website.ChangedSince(since.website))
	look(s.feed.ChangedSince(since.feed))
	return names
}

// Read returns the verified content of a file. The error is ErrOvertaken if its release is
// gone.
func (s *Site) Read(name string) ([]byte, error) {
	files := s.website
	if _, ok := files.Get(name); !ok {
		files = s.feed
	}
	data, err := files.ReadFile(name)
	var damaged *release.DamagedError
	switch {
	case errors.As(err, &damaged):
		return nil, err
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read %s: %w", name, ErrOvertaken)
	}
	return data, err
}
