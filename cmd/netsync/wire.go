package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/config"
	"netsync/publishers"
	"netsync/publishers/feed"
	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/mail"
	"netsync/publishers/website"
	"netsync/schema/event"
	"netsync/schema/shared/githubapi"
	"netsync/schema/stream"
	"netsync/worker"
	"netsync/worker/git"
)

// Roles of a process.
const (
	roleWorker     = "worker"
	roleWebsite    = "website"
	roleFeed       = "feed"
	roleNewsletter = "newsletter"
	roleWebhooks   = "webhooks"
)

func allRoles() []string {
	return slices.Concat([]string{roleWorker}, channelNames(), []string{roleWebhooks})
}

// channelNames are the roles that are channels, in the order in which they
// are published.
func channelNames() []string { return []string{roleWebsite, roleFeed, roleNewsletter} }

// configured returns the roles that a configuration has switched on, of those
// asked for; all where none are.
func configured(cfg *config.Config, only []string) ([]string, error) {
	for _, role := range only {
		if !slices.Contains(allRoles(), role) {
			return nil, cli.UsageError("there is no role %q; there are %v", role, allRoles())
		}
	}
	enabled := map[string]bool{
		roleWorker: true, roleWebsite: cfg.Website.Enabled,
		roleFeed: cfg.Feed.Enabled, roleNewsletter: cfg.Newsletter.Enabled, roleWebhooks: len(cfg.Webhooks.Endpoints) > 0,
	}
	var roles []string
	for _, role := range allRoles() {
		if enabled[role] && (len(only) == 0 || slices.Contains(only, role)) {
			roles = append(roles, role)
		}
	}
	return roles, nil
}

// parts makes the rooms' own configurations out of the user's.
type parts struct {
	cfg *config.Config
	js  jetstream.JetStream
	log *zap.Logger

	metrics  *ops.Metrics
	digests  *digests
	setAside *setAside
	paces    *githubapi.Paces // of GitHub's tokens, which several parts may share

	progress func(done, total int) // of a digest; nil where nobody looks
}

// worker makes the worker.
func (p parts) worker() (*worker.Worker, error) {
	if err := p.cfg.RequireRepository(); err != nil {
		return nil, err
	}
	maxBatch := p.cfg.NATS.MaxBatch
	if maxBatch == 0 && p.cfg.NATS.URL == "" { // elsewhere it is the server's own default
		maxBatch = embeddedBatch
	}
	return worker.New(worker.Config{
		Git:        p.git(),
		Path:       p.cfg.Dataset.Path,
		OnInvalid:  worker.OnInvalid(p.cfg.Dataset.OnInvalid),
		Dataset:    p.cfg.Dataset.ID,
		Exclusive:  p.cfg.NATS.URL == "",
		JetStream:  p.js,
		Replicas:   p.cfg.NATS.Replicas,
		MaxBatch:   maxBatch,
		Observe:    p.metrics.Worker(),
		OnSetAside: p.setAside.note,
		Log:        p.log.Named(roleWorker),
	})
}

func (p parts) git() git.Config {
	return git.Config{
		Repository: p.cfg.Dataset.Repository,
		Token:      p.cfg.GitToken(),
		Ref:        p.cfg.Dataset.Ref,
		Dir:        filepath.Join(p.cfg.DataDir, "mirror.git"),
	}
}

// channel makes a channel in a folder of its own.
func (p parts) channel(name, dir string) (publishers.Channel, error) {
	switch name {
	case roleWebsite:
		return website.New(website.Config{
			Dir:     dir,
			BaseURL: p.cfg.Website.BaseURL,
			Theme:   p.cfg.Website.Theme,
			Feeds:   p.cfg.Feed.Enabled,
			Mail:    p.mail(),
			Keep:    p.cfg.Website.Keep,
			Synced:  p.metrics.Synced(name),
			Log:     p.log.Named(name),
		})
	case roleFeed:
		return feed.New(feed.Config{
			Dir:     dir,
			BaseURL: p.cfg.Website.BaseURL,
			Items:   p.cfg.Feed.Items,
			Least:   event.Significance(p.cfg.Feed.Significance),
			Hub:     p.cfg.Feed.Hub,
			Keep:    p.cfg.Feed.Keep,
			Synced:  p.metrics.Synced(name),
			Log:     p.log.Named(name),
		})
	case roleNewsletter:
		return p.newsletter(dir)
	}
	return nil, fmt.Errorf("there is no channel %q", name)
}

// mail is where readers of the website find the newsletter. The secrets of the
// mail server have no part in what the site looks like: a process or a command
// that lacks them makes the same pages.
func (p parts) mail() website.Mail {
	c := p.cfg.Newsletter
	if !c.Enabled {
		return website.Mail{}
	}
	at := strings.TrimRight(cmp.Or(c.BaseURL, p.cfg.Website.BaseURL), "/")
	mail := website.Mail{Archive: at + newsletter.ArchivePath, Feed: at + newsletter.ArchiveFeedPath}
	if c.Signup && c.From != "" && c.Listmonk.URL == "" { // people subscribe in listmonk
		mail.Signup = at + newsletter.SignupPath
	}
	return mail
}

func (p parts) newsletter(dir string) (*newsletter.Newsletter, error) {
	return newsletter.New(newsletter.Config{
		Dir:          dir,
		BaseURL:      p.cfg.Website.BaseURL,
		SelfURL:      p.cfg.Newsletter.BaseURL,
		From:         p.cfg.Newsletter.From,
		Recipients:   p.cfg.Newsletter.Recipients,
		SMTP:         p.cfg.Newsletter.SMTP.Reveal(),
		Listmonk:     p.listmonk(),
		DKIMKey:      p.cfg.Newsletter.DKIMKey.Reveal(),
		DKIMSelector: p.cfg.Newsletter.DKIMSelector,
		Connections:  p.cfg.Newsletter.Connections,
		Rate:         p.cfg.Newsletter.Rate,
		Grace:        p.cfg.Newsletter.Grace.Std(),
		Hold:         p.cfg.Newsletter.Approve,
		JetStream:    p.js,
		Resumed:      p.digests.note,
		Handed:       func(o mail.Outcome) { p.metrics.Message(ops.MessageOutcome(o)) },
		Progress:     p.tellProgress,
		Synced:       p.metrics.Synced(roleNewsletter),
		Log:          p.log.Named(roleNewsletter),
	})
}

// listmonk is the one that sends the digests; nil where a mail server does, or
// nobody.
func (p parts) listmonk() *newsletter.Listmonk {
	l := p.cfg.Newsletter.Listmonk
	if l.URL == "" {
		return nil
	}
	return &newsletter.Listmonk{URL: l.URL, User: l.User, Token: l.Token.Reveal(), Lists: l.ListIDs(), Template: l.Template}
}

// tellProgress tells how far a digest is those who look at this process, and who
// waits for it.
func (p parts) tellProgress(done, total int) {
	p.digests.progress(done, total)
	if p.progress != nil {
		p.progress(done, total)
	}
}

// dir is a channel's folder.
func (p parts) dir(channel string) string { return filepath.Join(p.cfg.DataDir, channel) }

// stream opens the dataset's stream.
func (p parts) stream(ctx context.Context) (*stream.Reader, error) {
	reader, err := stream.Open(ctx, p.js, p.cfg.Dataset.ID)
	if err == nil {
		reader.OnSetAside = p.setAside.note
	}
	return reader, err
}

// runners makes a runner for each channel among the roles. A feed or
// newsletter waits for the website, where that is published here, so that it
// never links to what is not there.
func (p parts) runners(roles []string) (map[string]*publishers.Runner, error) {
	runners := make(map[string]*publishers.Runner)
	for _, name := range channelNames() {
		if !slices.Contains(roles, name) {
			continue
		}
		channel, err := p.channel(name, p.dir(name))
		if err != nil {
			return nil, fmt.Errorf("set up %s: %w", name, err)
		}
		runner, err := publishers.NewRunner(publishers.Config{
			Channel: channel,
			Open:    p.stream,
			Follows: runners[roleWebsite],
			Dir:     p.dir(name),
			Log:     p.log.Named(name),
		})
		if err != nil {
			return nil, err
		}
		runners[name] = runner
	}
	return runners, nil
}
