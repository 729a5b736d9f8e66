package website

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/release"
	"netsync/publishers/snapshot"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/shared"
)

// Site is the website channel. It implements publishers.Channel.
type Site struct {
	config Config
	dir    *release.Dir
	log    *zap.Logger

	mu sync.Mutex // held while an edition is published
	// renderer is nil while the theme has errors.
	renderer *renderer
	// reloadTheme is set after a build failed, perhaps because of the theme.
	reloadTheme bool
	// source records what the release was rendered from; nil if unknown.
	source *releaseSource
	// needsRebuild is set when the current release cannot be updated in place.
	needsRebuild bool
	// needsSpare is set when the current release has no spare copy yet.
	needsSpare bool
}

// releaseSource records what a release was rendered from, so the next release
// renders only what changed.
type releaseSource struct {
	position event.Position
	manifest schema.Digest
	catalog  *catalog
	history  *history
}

var (
	_ publishers.Channel  = (*Site)(nil)
	_ publishers.Preparer = (*Site)(nil)
)

// New opens the channel's folder, creating it if needed. An invalid theme does
// not fail New: Publish reports it, so the other channels keep running.
func New(c Config) (*Site, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Site{config: c, log: c.Log}
	if err := s.readTheme(); err != nil && FindThemeErrors(err) == nil {
		return nil, err
	}
	dir, err := release.Open(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("website: %w", err)
	}
	dir.Keep, dir.Synced = c.Keep, c.Synced
	s.dir = dir
	return s, nil
}

// Name returns "website".
func (*Site) Name() string { return "website" }

// Position returns the position of the current release. It returns the zero
// Position, which causes a rebuild, if the release has no history of the same
// changeset.
func (s *Site) Position(context.Context) (event.Position, error) {
	p, err := publishers.ReadPosition(s.dir.ReadFile)
	if err != nil || p == (event.Position{}) {
		return p, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.needsRebuild {
		return event.Position{}, nil
	}
	if s.source != nil && s.source.position == p {
		return p, nil
	}
	kept, err := readHistory(s.dir.ReadFile)
	if err != nil || kept.log.Changeset != p.Changeset {
		return event.Position{}, nil
	}
	return p, nil
}

// Publish renders a site from an edition and makes it the current release. If
// the source of the current release is known, Publish renders and writes only
// the files that the edition may have changed. Unchanged files are shared with
// the previous release.
func (s *Site) Publish(ctx context.Context, e publishers.Edition) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refreshTheme(e.Fresh); err != nil {
		return err
	}
	s.reloadTheme = true
	err := s.publishEdition(ctx, e)
	s.reloadTheme = err != nil
	var unproven *snapshot.ProofError
	if err == nil || errors.Is(err, errLost) || errors.As(err, &unproven) {
		s.needsRebuild = err != nil
	}
	return err
}

func (s *Site) publishEdition(ctx context.Context, e publishers.Edition) error {
	before, err := s.currentSource(e)
	if err != nil {
		return err
	}
	s.source = nil // update changes its catalog, even if publishing fails
	if before != nil && before.position == e.Position && len(e.Entries) == 0 && !e.Fresh {
		s.source = before
		return nil
	}
	history, err := s.nextHistory(e, before)
	if err != nil {
		return err
	}
	stage, whole, err := s.openStage(e, before)
	if err != nil {
		return err
	}
	defer s.discardStage(stage)
	b, stale, err := s.newBuild(e, history, before, whole)
	if err == nil && stale.everything && !whole {
		s.discardStage(stage)
		whole = true
		if stage, err = s.dir.Stage(stageLabel(e), false); err == nil {
			defer s.discardStage(stage)
			stale = b.newFullStaleSet()
		}
	}
	if err != nil {
		return err
	}
	// The changes are applied by now, and the entries hold whole records.
	e.Entries, b.edition.Entries = nil, nil
	b.readRequired = s.dir.ReadFile
	b.readAsset = func(d schema.Digest) ([]byte, error) { return e.Asset(ctx, d) }
	plan, err := b.newPlan(stale)
	if err != nil {
		return err
	}
	gate := newGate(s.renderer)
	if err := applyPlan(ctx, stage, plan, gate); err != nil {
		return err
	}
	s.dir.Before = func(l release.Look) error {
		err := gate.checkLinks(plan, l)
		if !e.Fresh { // a rebuild may drop records that the stream has lost
			err = errors.Join(err, b.checkRemovedPages(l))
		}
		return err
	}
	changed, err := stage.Flip()
	if err != nil {
		return err
	}
	s.writeMaker()
	s.source = &releaseSource{e.Position, e.Changeset.ManifestDigest, b.catalog, b.history}
	s.needsSpare = whole
	s.log.Debug("rendered", zap.String("changeset", e.Position.Changeset), zap.Bool("whole", stale.everything),
		zap.Int("files", len(plan.files)), zap.Bool("changed", changed))
	return nil
}

// Prepare creates the spare release that the next update needs.
func (s *Site) Prepare() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.needsSpare {
		return nil
	}
	s.needsSpare = false
	return s.dir.Spare()
}

func stageLabel(e publishers.Edition) string { return fmt.Sprintf("%020d", e.Position.Sequence) }

// currentSource returns what the current release was rendered from, or nil if
// that is unknown or if another process has replaced the release.
func (s *Site) currentSource(e publishers.Edition) (*releaseSource, error) {
	if s.source == nil {
		return s.adoptRelease(e)
	}
	if p, err := publishers.ReadPosition(s.dir.ReadFile); err != nil || p != s.source.position {
		return nil, nil //nolint:nilerr // it is rendered whole
	}
	return s.source, nil
}

// openStage begins the next release as a copy of the current one if that is
// intact and the manifest is unchanged. Otherwise whole is true and every file
// must be written.
func (s *Site) openStage(e publishers.Edition, before *releaseSource) (stage *release.Stage, whole bool, err error) {
	if before != nil && !e.Fresh && before.manifest == e.Changeset.ManifestDigest {
		stage, err = s.dir.Amend(stageLabel(e))
		if err == nil && len(stage.Damaged()) == 0 {
			return stage, false, nil
		}
		if err == nil {
			s.discardStage(stage)
		}
	}
	stage, err = s.dir.Stage(stageLabel(e), e.Fresh)
	return stage, true, err
}

// newBuild returns the build of an edition and what is stale on the site.
func (s *Site) newBuild(e publishers.Edition, h *history, before *releaseSource, whole bool) (*build, *staleSet, error) {
	if whole {
		catalog, err := newCatalog(s.renderer.limits, e.Manifest, e.State)
		if err != nil {
			return nil, nil, err
		}
		b := s.renderer.newBuild(e, catalog, h)
		return b, b.newFullStaleSet(), nil
	}
	stale, err := before.catalog.update(e)
	b := s.renderer.newBuild(e, before.catalog, h)
	b.readPrevious = s.dir.ReadFile
	return b, stale, err
}

// nextHistory returns the history including an edition. It starts empty if the
// edition is fresh, else with the history of the current release.
func (s *Site) nextHistory(e publishers.Edition, before *releaseSource) (*history, error) {
	kept := newHistory()
	switch {
	case e.Fresh:
	case before != nil:
		kept = before.history
	default:
		var err error
		if kept, err = readHistory(s.dir.ReadFile); err != nil {
			return nil, err
		}
	}
	return kept.withEdition(e)
}

func (s *Site) discardStage(stage *release.Stage) {
	if err := stage.Discard(); err != nil {
		s.log.Warn("cannot discard stage", zap.Error(err))
	}
}

// applyPlan removes the removed files from the stage, and renders and stages
// the others in parallel.
func applyPlan(ctx context.Context, stage *release.Stage, p *plan, g *gate) error {
	for _, name := range p.removed {
		if p.planned[name] {
			continue
		}
		if err := stage.Remove(name); err != nil {
			return err
		}
	}
	workers := 2 * runtime.GOMAXPROCS(0) // some wait for the file system
	return shared.ForEach(workers, p.files, func(i int, _ file) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return p.putGroup(i, stage, g)
	})
}

// putGroup renders and stages file n and the rest of its group. It does
// nothing if file n is not the first of its group.
func (p *plan) putGroup(n int, stage *release.Stage, g *gate) error {
	if p.files[n].isGrouped {
		return nil
	}
	for {
		if err := p.files[n].put(stage, g); err != nil {
			return err
		}
		if n++; n == len(p.files) || !p.files[n].isGrouped {
			return nil
		}
	}
}

// put renders, checks and stages a file.
func (f file) put(stage *release.Stage, g *gate) error {
	data, err := f.render()
	if err != nil {
		return fmt.Errorf("render %s: %w", f.name, err)
	}
	if err := g.checkPage(f.name, data); err != nil {
		return err
	}
	err = stage.Write(f.name, data)
	if f.isPage {
		recycleBuffer(data)
	}
	return err
}
