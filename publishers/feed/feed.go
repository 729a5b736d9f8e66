// Package feed publishes changes to feed readers, as JSON Feed 1.1 and as Atom,
// in every language of the dataset. There is a feed of all changes (feed.json)
// and, below feeds/, one of major changes and one for each collection, network
// and topic. Items that no longer fit into a feed move to its archive, whose
// pages never change. feeds.opml lists all feeds.
//
// An item describes the records as they were at its changeset. The feeds depend
// on the dataset's history and the settings only, so rebuilding gives the same
// bytes as updating. An update reads the items of a feed from its current file,
// and reads and writes only the feeds that a change belongs to.
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

// Feed is the channel for feed readers. It implements publishers.Channel.
type Feed struct {
	Config
	dir          *release.Dir
	content      *template.Template
	pageSize     int         // in bytes; see maxPage
	needsRebuild atomic.Bool // the current release cannot be updated
	// needsSpare is set while the release has no spare.
	needsSpare atomic.Bool
	pending    *pendingFeeds
	client     *http.Client // for the hub
}

var (
	_ publishers.Channel  = (*Feed)(nil)
	_ publishers.Preparer = (*Feed)(nil)
)

// New opens the channel's folder, creating it if needed.
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
	return &Feed{Config: c, dir: dir, content: content, pageSize: maxPage, pending: newPendingFeeds(), client: &http.Client{}}, nil
}

// Name returns the channel's name in folders, logs and commands.
func (f *Feed) Name() string { return "feed" }

// Position returns the position of the current release, or the zero Position if
// the feeds have to be rebuilt.
func (f *Feed) Position(context.Context) (event.Position, error) {
	if f.needsRebuild.Load() {
		return event.Position{}, nil
	}
	m, err := f.readMetadata()
	if errors.Is(err, errNeedsRebuild) {
		return event.Position{}, nil
	}
	if err != nil {
		return event.Position{}, fmt.Errorf("feed: %w", err)
	}
	return m.Position, nil
}

// Publish adds the edition's changes to their feeds, and publishes all feeds in
// one release. For an edition that is published already it checks the files.
// After damage was found, Position returns the zero Position.
func (f *Feed) Publish(ctx context.Context, e publishers.Edition) error {
	err := f.publishEdition(ctx, e)
	if errors.Is(err, errNeedsRebuild) {
		f.needsRebuild.Store(true)
	}
	if err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	if e.Fresh {
		f.needsRebuild.Store(false)
		f.needsSpare.Store(true)
	}
	return nil
}

// Prepare creates the spare release that makes the next update fast.
func (f *Feed) Prepare() error {
	if !f.needsSpare.Swap(false) {
		return nil
	}
	return f.dir.Spare()
}

func (f *Feed) publishEdition(ctx context.Context, e publishers.Edition) error {
	if e.Fresh {
		u, err := f.applyEdition(metadata{}, e, nil)
		if err != nil {
			return err
		}
		stage, err := f.dir.Stage(releaseLabel(e), true)
		if err != nil {
			return err
		}
		return f.writeRelease(ctx, stage, u)
	}
	m, err := f.readMetadata()
	if err != nil {
		return err
	}
	if m.Position == e.Position {
		return f.checkFiles()
	}
	stage, err := f.dir.Amend(releaseLabel(e))
	if errors.Is(err, release.ErrNoIndex) {
		return fmt.Errorf("%w: %w", errNeedsRebuild, err)
	}
	if err != nil {
		return err
	}
	if damaged := stage.Damaged(); len(damaged) > 0 {
		return errors.Join(fmt.Errorf("%w: %q", errNeedsRebuild, damaged), stage.Discard())
	}
	u, err := f.applyEdition(m, e, slices.Sorted(slices.Values(stage.Names())))
	if err != nil {
		return errors.Join(err, stage.Discard())
	}
	return f.writeRelease(ctx, stage, u)
}

// checkFiles compares every file with its recorded hash.
func (f *Feed) checkFiles() error {
	different, err := f.dir.Check()
	if err == nil && len(different) > 0 {
		err = fmt.Errorf("%w: %v", errNeedsRebuild, different[0])
	}
	if errors.Is(err, release.ErrNoIndex) {
		err = fmt.Errorf("%w: %w", errNeedsRebuild, err)
	}
	return err
}

func releaseLabel(e publishers.Edition) string { return fmt.Sprintf("%012d", e.Position.Sequence) }

// writeRelease writes the updated files and makes the release current.
func (f *Feed) writeRelease(ctx context.Context, stage *release.Stage, u *updater) error {
	err := ctx.Err()
	for name := range u.removed {
		if err == nil {
			err = stage.Remove(name)
		}
	}
	for name, data := range u.written {
		if err == nil {
			err = stage.Write(name, data)
		}
	}
	if err != nil {
		return errors.Join(err, stage.Discard())
	}
	changed, err := stage.Flip()
	if err == nil && changed && f.Hub != "" {
		f.pending.add(u.touchedPaths()...)
	}
	f.Log.Debug("feeds written", zap.Bool("changed", changed), zap.Int("files", len(u.written)))
	return err
}
