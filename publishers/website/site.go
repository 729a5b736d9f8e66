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

// Site is the website channel.
type Site struct {
	config Config
	dir    *release.Dir
	log    *zap.Logger

	mu sync.Mutex // held while an edition is published
	// press is nil while there is a mistake in the theme.
	press *press
	// again says that the theme is to be read again: what it made was no site.
	again bool
	// shown is what the release was made from; nil where that is not known.
	shown *shown
	// lost says that the release cannot be gone on from.
	lost bool
	// unprepared says that the release has no spare beside it.
	unprepared bool
}

// shown is what a release was made from. With it, the next one costs what
// changes.
type shown struct {
	position event.Position
	manifest schema.Digest
	catalog  *catalog
	history  *history
}

var (
	_ publishers.Channel  = (*Site)(nil)
	_ publishers.Preparer = (*Site)(nil)
)

// New opens the channel's folder, and makes it where there is none. A mistake
// in the theme is an error of Publish alone, so that what else runs beside the
// site does.
func New(c Config) (*Site, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Site{config: c, log: c.Log}
	if err := s.readTheme(); err != nil && Mistakes(err) == nil {
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

// Position returns what readers see. It is the zero Position, so that the site
// is built afresh, where the release has not kept a history that goes with it.
func (s *Site) Position(context.Context) (event.Position, error) {
	p, err := publishers.ReadPosition(s.dir.ReadFile)
	if err != nil || p == (event.Position{}) {
		return p, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost {
		return event.Position{}, nil
	}
	if s.shown != nil && s.shown.position == p {
		return p, nil
	}
	kept, err := readHistory(s.dir.ReadFile)
	if err != nil || kept.log.Changeset != p.Changeset {
		return event.Position{}, nil
	}
	return p, nil
}

// Publish makes a site of an edition and flips to it. Where it is known what
// the release was made from, only what an edition may have changed is rendered
// and written. Files whose content is the same are shared with the release
// before.
func (s *Site) Publish(ctx context.Context, e publishers.Edition) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.freshTheme(e.Fresh); err != nil {
		return err
	}
	s.again = true
	err := s.publish(ctx, e)
	s.again = err != nil
	var unproven *snapshot.ProofError
	if err == nil || errors.Is(err, errLost) || errors.As(err, &unproven) {
		s.lost = err != nil
	}
	return err
}

func (s *Site) publish(ctx context.Context, e publishers.Edition) error {
	before, err := s.known(e)
	if err != nil {
		return err
	}
	s.shown = nil // its catalog goes ahead, whatever becomes of the release
	if before != nil && before.position == e.Position && len(e.Entries) == 0 && !e.Fresh {
		s.shown = before
		return nil
	}
	history, err := s.historyOf(e, before)
	if err != nil {
		return err
	}
	stage, whole, err := s.stage(e, before)
	if err != nil {
		return err
	}
	defer s.discard(stage)
	issue, due, err := s.issueOf(e, history, before, whole)
	if err == nil && due.everything && !whole {
		s.discard(stage)
		whole = true
		if stage, err = s.dir.Stage(label(e), false); err == nil {
			defer s.discard(stage)
			due = issue.all()
		}
	}
	if err != nil {
		return err
	}
	// What changed is known by now, and holds whole records.
	e.Entries, issue.edition.Entries = nil, nil
	issue.kept = s.dir.ReadFile
	issue.asset = func(d schema.Digest) ([]byte, error) { return e.Asset(ctx, d) }
	plan, err := issue.plan(due)
	if err != nil {
		return err
	}
	gate := newGate(s.press)
	if err := apply(ctx, stage, plan, gate); err != nil {
		return err
	}
	s.dir.Before = func(l release.Look) error {
		err := gate.pass(plan, l)
		if !e.Fresh { // else the release before may show what the stream has lost
			err = errors.Join(err, issue.remains(l))
		}
		return err
	}
	changed, err := stage.Flip()
	if err != nil {
		return err
	}
	s.sign()
	s.shown = &shown{e.Position, e.Changeset.ManifestDigest, issue.catalog, issue.history}
	s.unprepared = whole
	s.log.Debug("rendered", zap.String("changeset", e.Position.Changeset), zap.Bool("whole", due.everything),
		zap.Int("files", len(plan.files)), zap.Bool("changed", changed))
	return nil
}

// Prepare makes the spare release that a changed record needs.
func (s *Site) Prepare() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.unprepared {
		return nil
	}
	s.unprepared = false
	return s.dir.Spare()
}

func label(e publishers.Edition) string { return fmt.Sprintf("%020d", e.Position.Sequence) }

// known is what the release was made from; nil where that has to be made anew,
// since another process has made it.
func (s *Site) known(e publishers.Edition) (*shown, error) {
	if s.shown == nil {
		return s.takeUp(e)
	}
	if p, err := publishers.ReadPosition(s.dir.ReadFile); err != nil || p != s.shown.position {
		return nil, nil //nolint:nilerr // it is rendered whole
	}
	return s.shown, nil
}

// stage begins as the release before where that can be relied on; whole says
// that it does not, and everything has to be written.
func (s *Site) stage(e publishers.Edition, before *shown) (stage *release.Stage, whole bool, err error) {
	if before != nil && !e.Fresh && before.manifest == e.Changeset.ManifestDigest {
		stage, err = s.dir.Amend(label(e))
		if err == nil && len(stage.Damaged()) == 0 {
			return stage, false, nil
		}
		if err == nil {
			s.discard(stage)
		}
	}
	stage, err = s.dir.Stage(label(e), e.Fresh)
	return stage, true, err
}

// issueOf makes an issue of an edition, and says what of the site is due.
func (s *Site) issueOf(e publishers.Edition, h *history, before *shown, whole bool) (*issue, *due, error) {
	if whole {
		catalog, err := newCatalog(s.press.limits, e.Manifest, e.State)
		if err != nil {
			return nil, nil, err
		}
		issue := s.press.newIssue(e, catalog, h)
		return issue, issue.all(), nil
	}
	due, err := before.catalog.update(e)
	issue := s.press.newIssue(e, before.catalog, h)
	issue.before = s.dir.ReadFile
	return issue, due, err
}

// historyOf is the history of an edition: what the release kept, unless the
// edition is fresh, and the edition's entries.
func (s *Site) historyOf(e publishers.Edition, before *shown) (*history, error) {
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
	return kept.extend(e)
}

func (s *Site) discard(stage *release.Stage) {
	if err := stage.Discard(); err != nil {
		s.log.Warn("stage is left behind", zap.Error(err))
	}
}

// apply renders and stages files on all processors, and takes out what is
// gone.
func apply(ctx context.Context, stage *release.Stage, p *plan, g *gate) error {
	for _, name := range p.gone {
		if p.taken[name] {
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
		return p.put(i, stage, g)
	})
}

// put renders and stages a file and those that are joined to it; one that is
// joined itself was, or will be, put with another.
func (p *plan) put(n int, stage *release.Stage, g *gate) error {
	if p.files[n].joined {
		return nil
	}
	for {
		if err := p.files[n].put(stage, g); err != nil {
			return err
		}
		if n++; n == len(p.files) || !p.files[n].joined {
			return nil
		}
	}
}

// put renders and stages a file.
func (f file) put(stage *release.Stage, g *gate) error {
	data, err := f.render()
	if err != nil {
		return fmt.Errorf("render %s: %w", f.name, err)
	}
	if err := g.page(f.name, data); err != nil {
		return err
	}
	err = stage.Write(f.name, data)
	if f.page {
		recycle(data)
	}
	return err
}
