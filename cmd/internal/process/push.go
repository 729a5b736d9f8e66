package process

import (
	"context"
	"errors"
	"fmt"
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

// targets are the places that the website is pushed to, each with the pusher that
// keeps it current.
type targets struct {
	Pushers []*target.Pusher
	// website and feed are pushed; feed is nil if this process publishes none.
	website, feed *release.Dir
}

// NewTargets sets up the configured targets. feed is the runner of the feed, nil if
// this process has none.
func (p builder) NewTargets(feed *publishers.Runner) (*targets, error) {
	t := &targets{}
	if len(p.Config.Website.Push) == 0 {
		return t, nil
	}
	var err error
	if t.website, err = release.Open(p.ChannelDir(RoleWebsite)); err == nil && p.Config.Feed.Enabled {
		t.feed, err = release.Open(p.ChannelDir(RoleFeed))
	}
	if err != nil {
		return nil, err
	}
	for _, c := range p.Config.Website.Push {
		place, err := p.newTarget(c)
		if err != nil {
			return nil, err
		}
		pusher, err := target.NewPusher(target.PusherConfig{
			Target:  place,
			Site:    func(ctx context.Context) (*target.Site, error) { return t.ReadSite(ctx, feed) },
			Explain: p.explainPush,
			Log:     p.Log.Named("push"),
		})
		if err != nil {
			return nil, err
		}
		t.Pushers = append(t.Pushers, pusher)
	}
	return t, nil
}

// newTarget makes a target of the configuration.
func (p builder) newTarget(c config.PushTarget) (target.Target, error) {
	author, address := p.Config.Website.Author()
	switch {
	case c.Git != "":
		return target.NewGit(target.GitConfig{
			Label: c.Name, Repository: c.Git, Branch: c.Branch, Path: c.Path, Token: c.Token.Reveal(),
			AuthorName: author, AuthorEmail: address,
			Dir: filepath.Join(p.Config.DataDir, "push", c.Name+".git"),
		})
	case c.GitHub != "":
		return target.NewGitHub(target.GitHubConfig{
			Label: c.Name, Repository: c.GitHub, APIURL: p.Config.GitHub.APIURL, Branch: c.Branch, Path: c.Path, Token: c.Token.Reveal(),
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

// ReadSite returns the files to be pushed now.
func (t *targets) ReadSite(ctx context.Context, feed *publishers.Runner) (*target.Site, error) {
	if feed != nil {
		if shown, err := publishers.ReadPosition(t.website.ReadFile); err == nil {
			ctx, cancel := context.WithTimeout(ctx, feedGrace)
			defer cancel()
			_ = feed.Wait(ctx, shown.Sequence) // one that fails does not hold up the website
		}
	}
	return target.ReadSite(t.website, t.feed)
}

// wakePushers wakes every pusher, since the website or the feed may have changed.
func (t *targets) wakePushers() {
	for _, p := range t.Pushers {
		p.Wake()
	}
}

func (t *targets) run(ctx context.Context, group *errgroup.Group) {
	for _, p := range t.Pushers {
		group.Go(func() error { return p.Run(ctx) })
	}
}

// readStatuses returns the status of each pusher.
func (t *targets) readStatuses(ctx context.Context, reader *stream.Reader, s ops.Status) []ops.Target {
	var all []ops.Target
	for _, p := range t.Pushers {
		all = append(all, targetLag(ctx, reader, s, p.Status()))
	}
	return all
}

func targetLag(ctx context.Context, reader *stream.Reader, s ops.Status, status target.Status) ops.Target {
	t := ops.Target{Status: status, Lag: s.Stream.Lag(status.Position)}
	t.LagSeconds = lagSeconds(ctx, reader, s, t.Lag, status.Position)
	return t
}

// askLimit is how long a target may take to say what it shows.
const askLimit = 10 * time.Second

// askStatuses asks every target what it shows, for a status while no process pushes.
func (t *targets) askStatuses(ctx context.Context, reader *stream.Reader, s ops.Status) []ops.Target {
	asking, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	all := make([]ops.Target, len(t.Pushers))
	var group sync.WaitGroup
	for i, p := range t.Pushers {
		group.Go(func() {
			status := p.Status()
			var err error
			if status.Position, err = p.Target.Shown(asking); err != nil {
				status.Error = err.Error()
			}
			all[i] = targetLag(ctx, reader, s, status)
		})
	}
	group.Wait()
	return all
}

// pushPatience is how long a command waits for a target that fails.
const pushPatience = 20 * time.Second

// wait returns when every target shows a changeset. The exit code of an error is
// cli.ExitOutside.
func (t *targets) wait(ctx context.Context, seq event.Seq) error {
	var failed error
	for _, p := range t.Pushers {
		failed = errors.Join(failed, p.Wait(ctx, seq, pushPatience))
	}
	return outsideError(failed)
}

// pushAgain pushes to every target without relying on what it showed before.
func (t *targets) pushAgain(ctx context.Context) error {
	var failed error
	for _, p := range t.Pushers {
		if err := p.Again(ctx); err != nil {
			failed = errors.Join(failed, &target.FailingError{Target: p.Target.Name(), Problem: err.Error()})
		}
	}
	return outsideError(failed)
}

func outsideError(err error) error {
	if err == nil {
		return nil
	}
	return &cli.Error{Code: cli.ExitOutside, Err: fmt.Errorf("the website here is current, and targets of it are not: %w; they are tried again while netsync runs", err)}
}
