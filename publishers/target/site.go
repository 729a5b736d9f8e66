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

// positionFile is where a release says what it shows.
const positionFile = "channel.json"

// A Site is what is to be seen at every target: the website, and beside it the
// feed. It does not change; its files can be read for as long as the releases
// they are of are kept.
type Site struct {
	Position event.Position
	website  release.Files
	feed     release.Files
}

// private are files of the feed that are its own business.
var private = map[string]bool{positionFile: true, "kept.json": true}

// ReadSite takes the site as it is now. Feed is nil where none is published
// here; one that shows nothing yet is left out. The error is fs.ErrNotExist
// while the website shows nothing.
func ReadSite(website, feed *release.Dir) (*Site, error) {
	var s Site
	var err error
	if feed != nil { // first, so that it is never ahead
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

// Get tells of one file.
func (s *Site) Get(name string) (release.File, bool) {
	if f, ok := s.website.Get(name); ok {
		return f, true
	}
	if private[name] {
		return release.File{}, false
	}
	return s.feed.Get(name)
}

// All tells of every file, in no order that means something.
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

// ChangedSince names the files that are not in both sites, or not the same in
// both. What it costs follows what changed.
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

// Read returns the content of a file, checked. The error is ErrOvertaken
// where its release has gone.
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
