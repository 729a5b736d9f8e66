package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"netsync/cmd/internal/broker"
	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/config"
	"netsync/schema/shared/githubapi"
)

// EmbeddedBatch is how many messages the embedded broker takes in one atomic
// batch.
const EmbeddedBatch = broker.DefaultMaxBatch

// A Session is a connection to the broker of a configuration.
type Session struct {
	builder
	Conn   *nats.Conn
	broker *broker.Broker // nil unless the broker is this process
	// remote says that another process may be running on the same broker.
	remote bool
}

// StoreDir returns the folder of the embedded broker.
func StoreDir(cfg *config.Config) string { return filepath.Join(cfg.DataDir, "nats") }

// InfoFile returns the file in which the embedded broker says how to reach it.
func InfoFile(cfg *config.Config) string { return filepath.Join(cfg.DataDir, "broker.json") }

// OpenSession connects to the broker: to nats.url, to the process that runs on the
// data directory or, if none does, to a broker of its own that no other process can
// reach.
func OpenSession(ctx context.Context, cfg *config.Config, log *zap.Logger) (*Session, error) {
	if err := checkFormat(cfg); err != nil {
		return nil, err
	}
	if cfg.NATS.URL != "" {
		return openRemote(ctx, cfg, log, once)
	}
	s, err := StartBroker(ctx, cfg, log, "", SyncAlways, nil)
	if !errors.Is(err, broker.ErrLocked) {
		return s, err
	}
	info, infoErr := broker.ReadInfo(InfoFile(cfg))
	if errors.Is(infoErr, fs.ErrNotExist) {
		return nil, err
	}
	if infoErr != nil {
		return nil, infoErr
	}
	if info.URL == "" {
		return nil, err // the other process does not listen
	}
	nc, err := dialBroker(cfg, log, info.URL, []nats.Option{nats.UserInfo(info.User, info.Password)})
	if err != nil {
		return nil, err
	}
	return remoteSession(cfg, log, nc)
}

// StartBroker runs the embedded broker in this process. listen is the address for
// other processes; "" lets none in. lock is the lock of the store if this process
// holds it already, otherwise nil.
func StartBroker(ctx context.Context, cfg *config.Config, log *zap.Logger, listen string, sync bool, lock *broker.Lock) (*Session, error) {
	if err := checkFormat(cfg); err != nil {
		return nil, err
	}
	b, err := broker.Start(ctx, broker.Config{
		StoreDir:  StoreDir(cfg),
		Listen:    listen,
		InfoFile:  InfoFile(cfg),
		MaxBatch:  max(EmbeddedBatch, cfg.NATS.MaxBatch),
		SyncLater: !sync,
		Lock:      lock,
		Backups:   cfg.Backup.To,
		Log:       log.Named("broker"),
	})
	if err != nil {
		return nil, err
	}
	if err := noteFormat(cfg); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	nc, err := b.Connect(nats.Name("netsync"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connect to the embedded broker: %w", err), b.Close())
	}
	return newSession(cfg, log, nc, b)
}

// When the embedded broker syncs what it writes.
const (
	SyncAlways = true
	SyncAtEnd  = false
)

// Whether openRemote tries again while the broker is out of reach.
const (
	once      = false
	patiently = true
)

// openRemote connects to nats.url.
func openRemote(ctx context.Context, cfg *config.Config, log *zap.Logger, patient bool) (*Session, error) {
	if err := checkFormat(cfg); err != nil {
		return nil, err
	}
	options, err := remoteOptions(cfg)
	if err != nil {
		return nil, err
	}
	var nc *nats.Conn
	if url := cfg.NATS.URL.Reveal(); patient {
		nc, err = dialPatiently(ctx, cfg, log, url, options)
	} else {
		nc, err = dialBroker(cfg, log, url, options)
	}
	if err != nil {
		return nil, err
	}
	return remoteSession(cfg, log, nc)
}

func remoteSession(cfg *config.Config, log *zap.Logger, nc *nats.Conn) (*Session, error) {
	s, err := newSession(cfg, log, nc, nil)
	if err != nil {
		return nil, err
	}
	s.remote = true
	return s, nil
}

func newSession(cfg *config.Config, log *zap.Logger, nc *nats.Conn, b *broker.Broker) (*Session, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	metrics := ops.NewMetrics()
	return &Session{builder: builder{Config: cfg, JetStream: js, Log: log, metrics: metrics, digests: &digestState{metrics: metrics}, setAside: &setAsideCounter{log: log.Named("stream")}, paces: new(githubapi.Paces)}, Conn: nc, broker: b}, nil
}

// Close ends the connection, and the broker if it runs in this process.
func (s *Session) Close() error {
	s.Conn.Close()
	if s.broker == nil {
		return nil
	}
	return s.broker.Close()
}

// UseSession makes a command one that works on the broker of the configuration,
// which -c names: do is called with a session.
func UseSession(cmd *cobra.Command, do func(ctx context.Context, s *Session, args []string) error) {
	var path string
	cli.AddConfigFlag(cmd, &path)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return WithSession(cmd.Context(), path, func(ctx context.Context, s *Session) error { return do(ctx, s, args) })
	}
}

// WithSession calls do with a session on the broker of a configuration. The error is a
// *DiskFullError if a full disk is its cause.
func WithSession(ctx context.Context, path string, do func(ctx context.Context, s *Session) error) error {
	cfg, err := cli.LoadConfig(path)
	if err != nil {
		return err
	}
	s, err := OpenSession(ctx, cfg, cli.NewCommandLog(cfg))
	if err != nil {
		return explainDisk(cfg, err)
	}
	return explainDisk(cfg, errors.Join(do(ctx, s), s.Close()))
}
