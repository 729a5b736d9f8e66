// Package feed is the channel for feed readers: the newest changes as JSON
// Feed 1.1 (feed.json) and as Atom (feed.xml).
//
// A release of the feed holds, beside the two and channel.json, the file
// items.json: what the items are made of. From it an edition goes on without
// the stream being read again. All that readers see is rendered anew from it,
// the state and the settings at each publication, and from nothing else, so a
// feed that is rebuilt is the feed that grew, byte for byte.
package feed

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/release"
	"netsync/schema/event"
)

// Names of the files that readers ask for.
const (
	JSONFile = "feed.json"
	AtomFile = "feed.xml"
)

// Feed is the channel.
type Feed struct {
	Config
	dir     *release.Dir
	content *template.Template
}

var _ publishers.Channel = (*Feed)(nil)

// New opens the feed's folder, making it where there is none.
func New(c Config) (*Feed, error) {
	c = c.withDefaults()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	content, err := parseContent()
	if err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	dir, err := release.Open(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	dir.Keep, dir.Synced = c.Keep, c.Synced
	return &Feed{c, dir, content}, nil
}

// Name is the channel's name in folders, logs and commands.
func (f *Feed) Name() string { return "feed" }

// Position returns what the feed shows now. Where what its items are made of
// is lost or of another version, that is the zero Position, so that the feed
// is built anew.
func (f *Feed) Position(context.Context) (event.Position, error) {
	k, err := f.shown()
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errLost) {
		return event.Position{}, nil
	}
	if err != nil {
		return event.Position{}, fmt.Errorf("feed: %w", err)
	}
	return k.Position, nil
}

// Publish adds the edition's changes to the feed and flips it as a whole.
func (f *Feed) Publish(ctx context.Context, e publishers.Edition) error {
	k, err := f.keep(e)
	if err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	files, err := f.render(e, k)
	if err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	changed, err := f.write(e, files)
	if err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	f.Log.Debug("feed written", zap.Bool("changed", changed), zap.Int("items", len(k.Items)))
	return nil
}

// keep returns what the items are made of after the edition.
func (f *Feed) keep(e publishers.Edition) (kept, error) {
	if e.Fresh {
		return kept{}.with(e, f.Items), nil
	}
	k, err := f.shown()
	if err != nil {
		return kept{}, err
	}
	return k.with(e, f.Items), nil
}

// A file is one file of a release.
type file struct {
	name string
	data []byte
}

// write stages the files and flips. Discard after a flip does nothing.
func (f *Feed) write(e publishers.Edition, files []file) (changed bool, err error) {
	stage, err := f.dir.Stage(fmt.Sprintf("%012d", e.Position.Sequence), e.Fresh)
	if err != nil {
		return false, err
	}
	for _, file := range files {
		if err := stage.Write(file.name, file.data); err != nil {
			_ = stage.Discard() // the first error counts; Open clears away the rest
			return false, err
		}
	}
	return stage.Flip()
}
