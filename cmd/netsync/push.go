package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/config"
	"netsync/publishers"
	"netsync/publishers/release"
	"netsync/publishers/target"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// targets are the places that the website is pushed to, each with the pusher
// that keeps it current.
type targets struct {
	pushers []*target.Pusher
	// website and feed are what is pushed; feed is nil where none is
	// published here.
	website, feed *release.Dir
}

// targets sets up the configured targets; none where the website is not
// published here. Feed is the feed's runner, nil where this process has none.
func (p parts) targets(feed *publishers.Runner) (*targets, error) {
	t := &targets{}
	if len(p.cfg.Website.Push) == 0 {
		return t, nil
	}
	var err error
	if t.website, err = release.Open(p.dir(roleWebsite)); err == nil && p.cfg.Feed.Enabled {
		t.feed, err = release.Open(p.dir(roleFeed))
	}
	if err != nil {
		return nil, err
	}
	for _, c := range p.cfg.Website.Push {
		place, err := p.target(c)
		if err != nil {
			return nil, err
		}
		pusher, err := target.NewPusher(target.PusherConfig{
			Target:  place,
			Site:    func(ctx context.Context) (*target.Site, error) { return t.site(ctx, feed) },
			Explain: p.explain,
			Log:     p.log.Named("push"),
		})
		if err != nil {
			return nil, err
		}
		t.pushers = append(t.pushers, pusher)
	}
	return t, nil
}

// target makes a target out of what the user says of it.
func (p parts) target(c config.PushTarget) (target.Target, error) {
	author, address := p.cfg.Website.Author()
	switch {
	case c.Git != "":
		return target.NewGit(target.GitConfig{
			Label: c.Name, Repository: c.Git, Branch: c.Branch, Path: c.Path, Token: c.Token.Reveal(),
			AuthorName: author, AuthorEmail: address,
			Dir: filepath.Join(p.cfg.DataDir, "push", c.Name+".git"),
		})
	case c.GitHub != "":
		return target.NewGitHub(target.GitHubConfig{
			Label: c.Name, Repository: c.GitHub, APIURL: p.cfg.GitHub.APIURL, Branch: c.Branch, Path: c.Path, Token: c.Token.Reveal(),
			AuthorName: author, AuthorEmail: address, Pace: p.paces.Of(c.Token.Reveal()),
		})
	case c.S3 != "":
		return target.NewS3(target.S3Config{
			Label: c.Name, URL: c.S3, Region: c.Region, AccessKey: c.AccessKey.Reveal(), SecretKey: c.SecretKey.Reveal(),
		})
	}
	return nil, fmt.Errorf("there is no target of the kind of %s", c.Name)
}

// feedGrace is how long a push waits for the feed to catch up with the
// website, so that one changeset is one push.
const feedGrace = 5 * time.Second

// site is what is to be pushed now.
func (t *targets) site(ctx context.Context, feed *publishers.Runner) (*target.Site, error) {
	if feed != nil {
		if shown, err := publishers.ReadPosition(t.website.ReadFile); err == nil {
			ctx, cancel := context.WithTimeout(ctx, feedGrace)
			defer cancel()
			_ = feed.Wait(ctx, shown.Sequence) // one that fails does not hold up the website
		}
	}
	return target.ReadSite(t.website, t.feed)
}

// wake tells every pusher that the website or the feed may have changed.
func (t *targets) wake() {
	for _, p := range t.pushers {
		p.Wake()
	}
}

func (t *targets) run(ctx context.Context, group *errgroup.Group) {
	for _, p := range t.pushers {
		group.Go(func() error { return p.Run(ctx) })
	}
}

// status is what the pushers of this process last did.
func (t *targets) status(ctx context.Context, reader *stream.Reader, s ops.Status) []ops.Target {
	var all []ops.Target
	for _, p := range t.pushers {
		all = append(all, lagging(ctx, reader, s, p.Status()))
	}
	return all
}

func lagging(ctx context.Context, reader *stream.Reader, s ops.Status, status target.Status) ops.Target {
	t := ops.Target{Status: status, Lag: s.Stream.Lag(status.Position)}
	t.LagSeconds = lagSeconds(ctx, reader, s, t.Lag, status.Position)
	return t
}

// askLimit is how long a target may take to say what it shows.
const askLimit = 10 * time.Second

// ask asks every target what it shows, for a status while nobody pushes.
func (t *targets) ask(ctx context.Context, reader *stream.Reader, s ops.Status) []ops.Target {
	asking, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	all := make([]ops.Target, len(t.pushers))
	var group sync.WaitGroup
	for i, p := range t.pushers {
		group.Go(func() {
			status := p.Status()
			var err error
			if status.Position, err = p.Target.Shown(asking); err != nil {
				status.Error = err.Error()
			}
			all[i] = lagging(ctx, reader, s, status)
		})
	}
	group.Wait()
	return all
}

// pushPatience is how long a command waits for a target that fails.
const pushPatience = 20 * time.Second

// wait returns when every target shows a changeset; that one does not is
// something outside that failed.
func (t *targets) wait(ctx context.Context, seq event.Seq) error {
	var failed error
	for _, p := range t.pushers {
		failed = errors.Join(failed, p.Wait(ctx, seq, pushPatience))
	}
	return outside(failed)
}

// again pushes without relying on anything remembered of the targets.
func (t *targets) again(ctx context.Context) error {
	var failed error
	for _, p := range t.pushers {
		if err := p.Again(ctx); err != nil {
			failed = errors.Join(failed, &target.FailingError{Target: p.Target.Name(), Problem: err.Error()})
		}
	}
	return outside(failed)
}

func outside(err error) error {
	if err == nil {
		return nil
	}
	return &cli.Error{Code: cli.ExitOutside, Err: fmt.Errorf("the website here is current, and targets of it are not: %w; they are tried again while netsync runs", err)}
}

// verifyTargets holds what is ours at every target against what the website
// shows here.
func (s *session) verifyTargets(ctx context.Context, v *verification) error {
	t, err := s.targets(nil)
	if err != nil || len(t.pushers) == 0 {
		return err
	}
	site, err := t.site(ctx, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the website's own part says so
	}
	if err != nil {
		return err
	}
	for _, p := range t.pushers {
		found, err := p.Target.Compare(ctx, site)
		if err != nil {
			return fmt.Errorf("verify the target %s: %w", p.Target.Name(), err)
		}
		r := part{Name: "target " + p.Target.Name(), OK: len(found) == 0, Note: p.Target.Address()}
		for _, d := range found {
			r.Differences = append(r.Differences, d.String())
		}
		v.add(r)
	}
	return nil
}
