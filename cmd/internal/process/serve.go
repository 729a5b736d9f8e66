package process

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"netsync/cmd/internal/live"
	"netsync/cmd/internal/notify"
	"netsync/cmd/internal/ops"
	"netsync/config"
	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/signup"
)

// serveBroker connects to nats.url, waiting while that is out of reach, or runs the
// embedded broker for this process and others.
func serveBroker(ctx context.Context, cfg *config.Config, log *zap.Logger) (*Session, error) {
	if cfg.NATS.URL != "" {
		if err := os.MkdirAll(cfg.DataDir, 0o755); err != nil {
			return nil, fmt.Errorf("make data_dir: %w", err)
		}
		s, err := openRemote(ctx, cfg, log, patiently)
		if err != nil {
			return nil, err
		}
		if err := noteFormat(cfg); err != nil {
			return nil, errors.Join(err, s.Close())
		}
		return s, nil
	}
	return StartBroker(ctx, cfg, log, cfg.NATS.Listen, SyncAlways, nil)
}

// Run runs the roles of a configuration, of those asked for (all if none
// are), until ctx ends.
func Run(ctx context.Context, cfg *config.Config, log *zap.Logger, only []string) error {
	s, err := serveBroker(ctx, cfg, log)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // ended while it waited for the broker
	}
	if err != nil {
		return err
	}
	return errors.Join(listenAndRun(ctx, s, only), s.Close())
}

func listenAndRun(ctx context.Context, s *Session, only []string) error {
	l, err := openListeners(s.Config)
	if err != nil {
		return err
	}
	defer l.close()
	return RunSession(ctx, s, l, only, nil)
}

// RunSession runs the roles, HTTP and the answers to commands until ctx ends.
func RunSession(ctx context.Context, s *Session, l Listeners, only []string, mounts map[string]http.Handler) error {
	roles, err := Configured(s.Config, only)
	if err != nil {
		return err
	}
	n, err := newNode(s, roles)
	if err != nil {
		return err
	}
	n.admin = AdminAddress(l.Admin)
	desk, err := n.newSignupDesk()
	if err != nil {
		return errors.Join(err, n.closeWorker())
	}
	group, ctx := errgroup.WithContext(ctx)
	followStreams, err := n.admitGuests(ctx)
	if err != nil {
		return errors.Join(err, n.closeWorker())
	}
	all := n.buildMounts(ctx, mounts)
	if desk != nil {
		for _, pattern := range desk.Patterns() {
			all[pattern] = desk
		}
		group.Go(func() error { return desk.Run(ctx) })
	}
	group.Go(func() error { return n.publicServer(l.Public, all).Run(ctx) })
	group.Go(func() error { return n.adminServer(l.Admin).Run(ctx) })
	group.Go(func() error { return n.serveControl(ctx) })
	group.Go(followStreams)
	group.Go(func() error { return n.Run(ctx) })
	group.Go(func() error { return n.watchDataDir(ctx) })
	group.Go(func() error { n.tellManager(ctx); return nil })
	s.Log.Info("running", zap.Strings("roles", roles), zap.String("http", "http://"+l.Public.Addr().String()),
		zap.String("admin", n.admin), zap.String("nats", s.Address()))
	return errors.Join(group.Wait(), n.closeWorker())
}

// tellManager notifies systemd, if it started this process, of the status. A status
// that can be gathered shows that no part blocks.
func (n *node) tellManager(ctx context.Context) {
	look := func(ctx context.Context) notify.State {
		s := n.gatherStatus(ctx)
		return notify.State{Ready: s.Ready() == nil, Status: s.Verdict().Text}
	}
	notify.Run(ctx, look, func(err error) { n.Log.Warn("service manager", zap.Error(err)) })
}

// Address returns where the broker can be reached.
func (s *Session) Address() string {
	if s.broker != nil {
		return s.broker.ClientURL()
	}
	return s.Conn.ConnectedUrlRedacted()
}

// buildMounts returns the handlers of what is not in folders, with others among them.
func (n *node) buildMounts(ctx context.Context, others map[string]http.Handler) map[string]http.Handler {
	all := maps.Clone(n.github.addWebhook(others))
	if all == nil {
		all = make(map[string]http.Handler)
	}
	all["/events"] = live.New(ctx, live.Config{Open: n.OpenStream, Address: n.clients.Address, IsNear: n.clients.IsNear, Log: n.Log.Named("http")})
	return all
}

// publicServer returns the server for everyone.
func (n *node) publicServer(listener net.Listener, mounts map[string]http.Handler) *ops.Server {
	folder := func(channel string) string {
		if n.runners[channel] == nil {
			return ""
		}
		return n.ChannelDir(channel)
	}
	return ops.New(ops.Config{
		Listener:   listener,
		Status:     n.gatherStatus,
		Website:    folder(RoleWebsite),
		Feed:       folder(RoleFeed),
		Newsletter: folder(RoleNewsletter),
		Mounts:     mounts,
		Log:        n.Log.Named("http"),
	})
}

// adminServer returns the server for operators.
func (n *node) adminServer(listener net.Listener) *ops.Server {
	admin := ops.Admin{
		Metrics: n.metrics,
		Token:   n.Config.HTTP.AdminToken.Reveal(),
		Socket:  listener.Addr().Network() == "unix",
	}
	if n.runners[RoleNewsletter] != nil {
		admin.Drafts = filepath.Join(n.ChannelDir(RoleNewsletter), newsletter.DraftsFolder)
	}
	if host, _, err := net.SplitHostPort(n.Config.HTTP.AdminListen); err == nil && host != "" {
		admin.Hosts = []string{host}
	}
	return ops.NewAdmin(ops.Config{Listener: listener, Status: n.gatherStatus, Log: n.Log.Named("admin")}, admin)
}

// newSignupDesk makes the pages where people subscribe to the newsletter; nil without
// one. Without a mail server to confirm a subscription, people can only leave.
func (n *node) newSignupDesk() (*signup.Desk, error) {
	if n.sender == nil {
		return nil, nil
	}
	c := n.Config.Newsletter
	return signup.New(signup.Config{
		Letter:      n.sender.letter,
		Open:        c.Signup && c.SMTP != "" && c.From != "",
		Website:     n.Config.Website.BaseURL,
		BounceToken: c.BounceToken.Reveal(),
		Address:     n.clients.Address,
		Observe:     func(o signup.Outcome) { n.metrics.Invitation(ops.InvitationOutcome(o)) },
		Log:         n.Log.Named("signup"),
	})
}
