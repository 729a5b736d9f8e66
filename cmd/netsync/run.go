package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/live"
	"netsync/cmd/internal/notify"
	"netsync/cmd/internal/ops"
	"netsync/config"
	"netsync/publishers/newsletter"
)

func runCommand() *cobra.Command {
	var path string
	var only []string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run worker, publishers, broker and HTTP in one process, as configured",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(path)
			if err != nil {
				return err
			}
			log := cli.NewLogger(cfg.Log)
			s, err := serveBroker(cmd.Context(), cfg, log)
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil // ended while it waited for the broker
			}
			if err != nil {
				return err
			}
			return errors.Join(listenAndRun(cmd.Context(), s, only), s.Close())
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().StringSliceVar(&only, "only", nil, "run these roles only: "+strings.Join(allRoles(), ", "))
	return cmd
}

// serveBroker connects to nats.url or runs the embedded broker for this
// process and others. While a broker elsewhere is out of reach, it waits.
func serveBroker(ctx context.Context, cfg *config.Config, log *zap.Logger) (*session, error) {
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
	return startBroker(ctx, cfg, log, cfg.NATS.Listen, syncAlways, nil)
}

func listenAndRun(ctx context.Context, s *session, only []string) error {
	l, err := openListeners(s.cfg)
	if err != nil {
		return err
	}
	defer l.close()
	return runSession(ctx, s, l, only, nil)
}

// runSession runs the roles, HTTP and the answers to commands until ctx ends.
func runSession(ctx context.Context, s *session, l listeners, only []string, mounts map[string]http.Handler) error {
	roles, err := configured(s.cfg, only)
	if err != nil {
		return err
	}
	n, err := newNode(s, roles)
	if err != nil {
		return err
	}
	n.admin = adminAddress(l.admin)
	desk, err := n.desk()
	if err != nil {
		return errors.Join(err, n.closeWorker())
	}
	group, ctx := errgroup.WithContext(ctx)
	followStreams, err := n.admitGuests(ctx)
	if err != nil {
		return errors.Join(err, n.closeWorker())
	}
	all := n.mounts(ctx, mounts)
	if desk != nil {
		for _, pattern := range desk.Patterns() {
			all[pattern] = desk
		}
		group.Go(func() error { return desk.Run(ctx) })
	}
	group.Go(func() error { return n.publicServer(l.public, all).Run(ctx) })
	group.Go(func() error { return n.adminServer(l.admin).Run(ctx) })
	group.Go(func() error { return n.serveControl(ctx) })
	group.Go(followStreams)
	group.Go(func() error { return n.Run(ctx) })
	group.Go(func() error { return n.watchDataDir(ctx) })
	group.Go(func() error { n.tellManager(ctx); return nil })
	s.log.Info("running", zap.Strings("roles", roles), zap.String("http", "http://"+l.public.Addr().String()),
		zap.String("admin", n.admin), zap.String("nats", s.address()))
	return errors.Join(group.Wait(), n.closeWorker())
}

// tellManager tells systemd, where it started this process, how that fares. That
// the status can be gathered shows that no part holds it for ever.
func (n *node) tellManager(ctx context.Context) {
	look := func(ctx context.Context) notify.State {
		s := n.status(ctx)
		return notify.State{Ready: s.Ready() == nil, Status: s.Verdict().Text}
	}
	notify.Run(ctx, look, func(err error) { n.log.Warn("service manager", zap.Error(err)) })
}

// address is where the broker can be reached.
func (s *session) address() string {
	if s.broker != nil {
		return s.broker.ClientURL()
	}
	return s.nc.ConnectedUrlRedacted()
}

// mounts adds to what is served what does not lie in folders.
func (n *node) mounts(ctx context.Context, others map[string]http.Handler) map[string]http.Handler {
	all := maps.Clone(n.github.mounts(others))
	if all == nil {
		all = make(map[string]http.Handler)
	}
	all["/events"] = live.New(ctx, live.Config{Open: n.stream, Address: n.clients.Address, IsNear: n.clients.IsNear, Log: n.log.Named("http")})
	return all
}

// publicServer is for everyone.
func (n *node) publicServer(listener net.Listener, mounts map[string]http.Handler) *ops.Server {
	folder := func(channel string) string {
		if n.runners[channel] == nil {
			return ""
		}
		return n.dir(channel)
	}
	return ops.New(ops.Config{
		Listener:   listener,
		Status:     n.status,
		Website:    folder(roleWebsite),
		Feed:       folder(roleFeed),
		Newsletter: folder(roleNewsletter),
		Mounts:     mounts,
		Log:        n.log.Named("http"),
	})
}

// adminServer is for operators.
func (n *node) adminServer(listener net.Listener) *ops.Server {
	admin := ops.Admin{
		Metrics: n.metrics,
		Token:   n.cfg.HTTP.AdminToken.Reveal(),
		Socket:  listener.Addr().Network() == "unix",
	}
	if n.runners[roleNewsletter] != nil {
		admin.Drafts = filepath.Join(n.dir(roleNewsletter), newsletter.DraftsFolder)
	}
	if host, _, err := net.SplitHostPort(n.cfg.HTTP.AdminListen); err == nil && host != "" {
		admin.Hosts = []string{host}
	}
	return ops.NewAdmin(ops.Config{Listener: listener, Status: n.status, Log: n.log.Named("admin")}, admin)
}
