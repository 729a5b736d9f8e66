// Package feed is the channel for feed readers: what changed, as JSON Feed 1.1
// and as Atom, in every language of the dataset: all of it (feed.json), what
// matters most, and what concerns a collection, a network or a topic (below
// feeds/). What no longer fits into a feed is on the pages of its archive, each
// of which is written once and stays as it is. feeds.opml lists them all.
//
// An item tells what was true when it came: the feeds follow from the history
// of the dataset and the settings, and from nothing else, so a feed that is
// rebuilt is the feed that grew, byte for byte. A feed's own file is what it
// goes on from; one change reads and writes the feeds that it belongs to.
package feed

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"sync/atomic"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/release"
	"netsync/schema/event"
)

// Feed is the channel.
type Feed struct {
	Config
	dir     *release.Dir
	content *template.Template
	page    int         // maxPage
	lost    atomic.Bool // what is there is not to be gone on from
	// unprepared says that the release has no spare beside it.
	unprepared atomic.Bool
	news       *news
	client     *http.Client // for the hub
}

var (
	_ publishers.Channel  = (*Feed)(nil)
	_ publishers.Preparer = (*Feed)(nil)
)

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
	return &Feed{Config: c, dir: dir, content: content, page: maxPage, news: newNews(), client: &http.Client{}}, nil
}

// Name is the channel's name in folders, logs and commands.
func (f *Feed) Name() string { return "feed" }

// Position returns what the feeds show now. Where they cannot go on from what
// is there, that is the zero Position, so that they are built anew.
func (f *Feed) Position(context.Context) (event.Position, error) {
	if f.lost.Load() {
		return event.Position{}, nil
	}
	k, err := f.shown()
	if errors.Is(err, errLost) {
		return event.Position{}, nil
	}
	if err != nil {
		return event.Position{}, fmt.Errorf("feed: %w", err)
	}
	return k.Position, nil
}

// Publish adds the edition's changes to the feeds they belong to, and flips
// all of them at once. Without any it looks whether every file is what was
// written. After an error that says otherwise Position is the zero Position.
func (f *Feed) Publish(ctx context.Context, e publishers.Edition) error {
	err := f.publish(ctx, e)
	if errors.Is(err, errLost) {
		f.lost.Store(true)
	}
	if err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	if e.Fresh {
		f.lost.Store(false)
		f.unprepared.Store(true)
	}
	return nil
}

// Prepare makes the spare release that an added item needs.
func (f *Feed) Prepare() error {
	if !f.unprepared.Swap(false) {
		return nil
	}
	return f.dir.Spare()
}

func (f *Feed) publish(ctx context.Context, e publishers.Edition) error {
	if e.Fresh {
		g, err := f.grow(kept{}, e, nil)
		if err != nil {
			return err
		}
		stage, err := f.dir.Stage(label(e), true)
		if err != nil {
			return err
		}
		return f.flip(ctx, stage, g)
	}
	k, err := f.shown()
	if err != nil {
		return err
	}
	if k.Position == e.Position {
		return f.check()
	}
	stage, err := f.dir.Amend(label(e))
	if errors.Is(err, release.ErrNoIndex) {
		return fmt.Errorf("%w: %w", errLost, err)
	}
	if err != nil {
		return err
	}
	if damaged := stage.Damaged(); len(damaged) > 0 {
		return errors.Join(fmt.Errorf("%w: %q", errLost, damaged), stage.Discard())
	}
	g, err := f.grow(k, e, slices.Sorted(slices.Values(stage.Names())))
	if err != nil {
		return errors.Join(err, stage.Discard())
	}
	return f.flip(ctx, stage, g)
}

// check looks whether every file is what was written.
func (f *Feed) check() error {
	different, err := f.dir.Check()
	if err == nil && len(different) > 0 {
		err = fmt.Errorf("%w: %v", errLost, different[0])
	}
	if errors.Is(err, release.ErrNoIndex) {
		err = fmt.Errorf("%w: %w", errLost, err)
	}
	return err
}

func label(e publishers.Edition) string { return fmt.Sprintf("%012d", e.Position.Sequence) }

// flip writes what an edition makes, and shows it.
func (f *Feed) flip(ctx context.Context, stage *release.Stage, g *growth) error {
	err := ctx.Err()
	for name := range g.gone {
		if err == nil {
			err = stage.Remove(name)
		}
	}
	for name, data := range g.written {
		if err == nil {
			err = stage.Write(name, data)
		}
	}
	if err != nil {
		return errors.Join(err, stage.Discard())
	}
	changed, err := stage.Flip()
	if err == nil && changed && f.Hub != "" {
		f.news.add(g.paths()...)
	}
	f.Log.Debug("feeds written", zap.Bool("changed", changed), zap.Int("files", len(g.written)))
	return err
}
