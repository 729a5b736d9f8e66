package website

import (
	"context"
	"fmt"
	"runtime"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"netsync/publishers"
	"netsync/publishers/release"
	"netsync/schema/event"
)

// Site is the website channel.
type Site struct {
	dir   *release.Dir
	press *press
	log   *zap.Logger
}

var _ publishers.Channel = (*Site)(nil)

// New opens the channel's folder, and makes it where there is none.
func New(c Config) (*Site, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	press, err := newPress(c)
	if err != nil {
		return nil, err
	}
	dir, err := release.Open(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("website: %w", err)
	}
	dir.Keep, dir.Synced = c.Keep, c.Synced
	return &Site{dir: dir, press: press, log: c.Log}, nil
}

// Name returns "website".
func (*Site) Name() string { return "website" }

// Position returns what readers see. It is the zero Position, so that the site
// is built afresh, where the release has not kept a log that goes with it.
func (s *Site) Position(context.Context) (event.Position, error) {
	p, err := publishers.ReadPosition(s.dir.ReadFile)
	if err != nil || p == (event.Position{}) {
		return p, err
	}
	kept, err := s.keptLog()
	if err != nil || kept.Changeset != p.Changeset {
		return event.Position{}, nil
	}
	return p, nil
}

// Publish renders the whole site and flips to it. Files whose content is the
// same as before are shared with the release before.
func (s *Site) Publish(ctx context.Context, e publishers.Edition) error {
	log, err := s.extendedLog(e)
	if err != nil {
		return err
	}
	stage, err := s.dir.Stage(fmt.Sprintf("%020d", e.Position.Sequence), e.Fresh)
	if err != nil {
		return err
	}
	defer s.discard(stage)
	files, err := s.press.plan(e, log)
	if err != nil {
		return err
	}
	if err := write(ctx, stage, files); err != nil {
		return err
	}
	changed, err := stage.Flip()
	if err != nil {
		return err
	}
	s.log.Debug("rendered", zap.String("changeset", e.Position.Changeset),
		zap.Int("files", len(files)), zap.Bool("changed", changed))
	return nil
}

func (s *Site) discard(stage *release.Stage) {
	if err := stage.Discard(); err != nil {
		s.log.Warn("stage is left behind", zap.Error(err))
	}
}

// write renders and stages files on all processors.
func write(ctx context.Context, stage *release.Stage, files []file) error {
	group, rendering := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, f := range files {
		if rendering.Err() != nil {
			break
		}
		group.Go(func() error {
			data, err := f.render()
			if err != nil {
				return fmt.Errorf("render %s: %w", f.name, err)
			}
			return stage.Write(f.name, data)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

func (s *Site) keptLog() (changeLog, error) {
	data, err := s.dir.ReadFile(logFile)
	if err != nil {
		return changeLog{}, err
	}
	return decodeLog(data)
}

// extendedLog is the log of an edition: what the release kept, unless the
// edition is fresh, and the edition's entries.
func (s *Site) extendedLog(e publishers.Edition) (changeLog, error) {
	var kept changeLog
	if !e.Fresh {
		var err error
		if kept, err = s.keptLog(); err != nil {
			return changeLog{}, fmt.Errorf("read the log of changes: %w", err)
		}
	}
	return kept.extend(e)
}
