package process

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
	RoleWebsite    = "website"
	RoleFeed       = "feed"
	RoleNewsletter = "newsletter"
	roleWebhooks   = "webhooks"
)

func AllRoles() []string {
	return slices.Concat([]string{roleWorker}, ChannelNames(), []string{roleWebhooks})
}

// ChannelNames returns the roles that are channels, in the order in which they are
// published.
func ChannelNames() []string { return []string{RoleWebsite, RoleFeed, RoleNewsletter} }

// Configured returns the roles that a configuration switches on and that are in only,
// or all of them if only is empty.
func Configured(cfg *config.Config, only []string) ([]string, error) {
	for _, role := range only {
		if !slices.Contains(AllRoles(), role) {
			return nil, cli.UsageError("there is no role %q; there are %v", role, AllRoles())
		}
	}
	enabled := map[string]bool{
		roleWorker: true, RoleWebsite: cfg.Website.Enabled,
		RoleFeed: cfg.Feed.Enabled, RoleNewsletter: cfg.Newsletter.Enabled, roleWebhooks: len(cfg.Webhooks.Endpoints) > 0,
	}
	var roles []string
	for _, role := range AllRoles() {
		if enabled[role] && (len(only) == 0 || slices.Contains(only, role)) {
			roles = append(roles, role)
		}
	}
	return roles, nil
}

// A builder makes the worker, the channels and what belongs to them out of the
// user's configuration.
type builder struct {
	Config    *config.Config
	JetStream jetstream.JetStream
	Log       *zap.Logger

	metrics  *ops.Metrics
	digests  *digestState
	setAside *setAsideCounter
	paces    *githubapi.Paces // of the writes by each of GitHub's tokens

	progress func(done, total int) // of a digest; nil if no one watches
}

// newWorker makes the worker of the configuration.
func (p builder) newWorker() (*worker.Worker, error) {
	if err := p.Config.RequireRepository(); err != nil {
		return nil, err
	}
	maxBatch := p.Config.NATS.MaxBatch
	if maxBatch == 0 && p.Config.NATS.URL == "" { // elsewhere it is the server's own default
		maxBatch = EmbeddedBatch
	}
	return worker.New(worker.Config{
		Git:        p.GitConfig(),
		Path:       p.Config.Dataset.Path,
		OnInvalid:  worker.OnInvalid(p.Config.Dataset.OnInvalid),
		Dataset:    p.Config.Dataset.ID,
		Exclusive:  p.Config.NATS.URL == "",
		JetStream:  p.JetStream,
		Replicas:   p.Config.NATS.Replicas,
		MaxBatch:   maxBatch,
		Observe:    p.metrics.Worker(),
		OnSetAside: p.setAside.noteMessage,
		Log:        p.Log.Named(roleWorker),
	})
}

func (p builder) GitConfig() git.Config {
	return git.Config{
		Repository: p.Config.Dataset.Repository,
		Token:      p.Config.GitToken(),
		Ref:        p.Config.Dataset.Ref,
		Dir:        filepath.Join(p.Config.DataDir, "mirror.git"),
	}
}

// NewChannel makes a channel in a folder.
func (p builder) NewChannel(name, dir string) (publishers.Channel, error) {
	switch name {
	case RoleWebsite:
		return website.New(website.Config{
			Dir:     dir,
			BaseURL: p.Config.Website.BaseURL,
			Theme:   p.Config.Website.Theme,
			Feeds:   p.Config.Feed.Enabled,
			Mail:    p.mailAddresses(),
			Keep:    p.Config.Website.Keep,
			Synced:  p.metrics.Synced(name),
			Log:     p.Log.Named(name),
		})
	case RoleFeed:
		return feed.New(feed.Config{
			Dir:     dir,
			BaseURL: p.Config.Website.BaseURL,
			Items:   p.Config.Feed.Items,
			Least:   event.Significance(p.Config.Feed.Significance),
			Hub:     p.Config.Feed.Hub,
			Keep:    p.Config.Feed.Keep,
			Synced:  p.metrics.Synced(name),
			Log:     p.Log.Named(name),
		})
	case RoleNewsletter:
		return p.newNewsletter(dir)
	}
	return nil, fmt.Errorf("there is no channel %q", name)
}

// mailAddresses returns where readers of the website find the newsletter. It does not
// depend on the secrets of the mail server: a process or a command without them makes
// the same pages.
func (p builder) mailAddresses() website.Mail {
	c := p.Config.Newsletter
	if !c.Enabled {
		return website.Mail{}
	}
	at := strings.TrimRight(cmp.Or(c.BaseURL, p.Config.Website.BaseURL), "/")
	mail := website.Mail{Archive: at + newsletter.ArchivePath, Feed: at + newsletter.ArchiveFeedPath}
	if c.Signup && c.From != "" && c.Listmonk.URL == "" { // people subscribe in listmonk
		mail.Signup = at + newsletter.SignupPath
	}
	return mail
}

// OpenNewsletter opens the newsletter in its own folder.
func (p builder) OpenNewsletter() (*newsletter.Newsletter, error) {
	return p.newNewsletter(p.ChannelDir(RoleNewsletter))
}

func (p builder) newNewsletter(dir string) (*newsletter.Newsletter, error) {
	return newsletter.New(newsletter.Config{
		Dir:          dir,
		BaseURL:      p.Config.Website.BaseURL,
		SelfURL:      p.Config.Newsletter.BaseURL,
		From:         p.Config.Newsletter.From,
		Recipients:   p.Config.Newsletter.Recipients,
		SMTP:         p.Config.Newsletter.SMTP.Reveal(),
		Listmonk:     p.listmonkConfig(),
		DKIMKey:      p.Config.Newsletter.DKIMKey.Reveal(),
		DKIMSelector: p.Config.Newsletter.DKIMSelector,
		Connections:  p.Config.Newsletter.Connections,
		Rate:         p.Config.Newsletter.Rate,
		Grace:        p.Config.Newsletter.Grace.Std(),
		Hold:         p.Config.Newsletter.Approve,
		JetStream:    p.JetStream,
		Resumed:      p.digests.noteReport,
		Handed:       func(o mail.Outcome) { p.metrics.Message(ops.MessageOutcome(o)) },
		Progress:     p.tellProgress,
		Synced:       p.metrics.Synced(RoleNewsletter),
		Log:          p.Log.Named(RoleNewsletter),
	})
}

// listmonkConfig returns the listmonk that sends the digests; nil if a mail server
// does, or nothing.
func (p builder) listmonkConfig() *newsletter.Listmonk {
	l := p.Config.Newsletter.Listmonk
	if l.URL == "" {
		return nil
	}
	return &newsletter.Listmonk{URL: l.URL, User: l.User, Token: l.Token.Reveal(), Lists: l.ListIDs(), Template: l.Template}
}

// tellProgress reports how far a digest is to the status and to a command that waits
// for it.
func (p builder) tellProgress(done, total int) {
	p.digests.noteProgress(done, total)
	if p.progress != nil {
		p.progress(done, total)
	}
}

// ChannelDir returns a channel's folder.
func (p builder) ChannelDir(channel string) string { return filepath.Join(p.Config.DataDir, channel) }

// OpenStream opens the dataset's stream.
func (p builder) OpenStream(ctx context.Context) (*stream.Reader, error) {
	reader, err := stream.Open(ctx, p.JetStream, p.Config.Dataset.ID)
	if err == nil {
		reader.OnSetAside = p.setAside.noteMessage
	}
	return reader, err
}

// newRunners makes a runner for each channel among the roles. Feed and newsletter wait
// for the website if this process publishes it, so that they never link to a page
// that does not exist yet.
func (p builder) newRunners(roles []string) (map[string]*publishers.Runner, error) {
	runners := make(map[string]*publishers.Runner)
	for _, name := range ChannelNames() {
		if !slices.Contains(roles, name) {
			continue
		}
		channel, err := p.NewChannel(name, p.ChannelDir(name))
		if err != nil {
			return nil, fmt.Errorf("set up %s: %w", name, err)
		}
		runner, err := publishers.NewRunner(publishers.Config{
			Channel: channel,
			Open:    p.OpenStream,
			Follows: runners[RoleWebsite],
			Dir:     p.ChannelDir(name),
			Log:     p.Log.Named(name),
		})
		if err != nil {
			return nil, err
		}
		runners[name] = runner
	}
	return runners, nil
}
