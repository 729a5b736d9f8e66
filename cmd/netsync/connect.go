package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"netsync/cmd/internal/broker"
	"netsync/cmd/internal/ops"
	"netsync/config"
	"netsync/schema/shared/githubapi"
)

// embeddedBatch is how many messages the embedded broker takes in one atomic
// batch.
const embeddedBatch = broker.DefaultMaxBatch

// A session is a connection to the broker of a configuration.
type session struct {
	parts
	nc     *nats.Conn
	broker *broker.Broker // nil unless the broker is this process
	// remote says that another process may be running on the same broker.
	remote bool
}

// Where the embedded broker keeps its things.
func storeDir(cfg *config.Config) string { return filepath.Join(cfg.DataDir, "nats") }
func infoFile(cfg *config.Config) string { return filepath.Join(cfg.DataDir, "broker.json") }

// openSession connects to the broker: to nats.url, to the process that runs on
// the data directory or, where none does, to one of its own that nobody else
// can reach.
func openSession(ctx context.Context, cfg *config.Config, log *zap.Logger) (*session, error) {
	if err := checkFormat(cfg); err != nil {
		return nil, err
	}
	if cfg.NATS.URL != "" {
		return openRemote(ctx, cfg, log, once)
	}
	s, err := startBroker(ctx, cfg, log, "", syncAlways, nil)
	if !errors.Is(err, broker.ErrLocked) {
		return s, err
	}
	info, infoErr := broker.ReadInfo(infoFile(cfg))
	if errors.Is(infoErr, fs.ErrNotExist) {
		return nil, err
	}
	if infoErr != nil {
		return nil, infoErr
	}
	if info.URL == "" {
		return nil, err // the other process listens to nobody
	}
	nc, err := dial(cfg, log, info.URL, []nats.Option{nats.UserInfo(info.User, info.Password)})
	if err != nil {
		return nil, err
	}
	return remoteSession(cfg, log, nc)
}

// startBroker runs the embedded broker in this process. listen is the address
// for others; "" lets nobody else in. lock is that of the store if this process
// has it already, otherwise nil.
func startBroker(ctx context.Context, cfg *config.Config, log *zap.Logger, listen string, sync bool, lock *broker.Lock) (*session, error) {
	if err := checkFormat(cfg); err != nil {
		return nil, err
	}
	b, err := broker.Start(ctx, broker.Config{
		StoreDir:  storeDir(cfg),
		Listen:    listen,
		InfoFile:  infoFile(cfg),
		MaxBatch:  max(embeddedBatch, cfg.NATS.MaxBatch),
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
	syncAlways = true
	syncAtEnd  = false
)

// How long openRemote tries.
const (
	once      = false
	patiently = true
)

// openRemote connects to nats.url.
func openRemote(ctx context.Context, cfg *config.Config, log *zap.Logger, patient bool) (*session, error) {
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
		nc, err = dial(cfg, log, url, options)
	}
	if err != nil {
		return nil, err
	}
	return remoteSession(cfg, log, nc)
}

func remoteSession(cfg *config.Config, log *zap.Logger, nc *nats.Conn) (*session, error) {
	s, err := newSession(cfg, log, nc, nil)
	if err != nil {
		return nil, err
	}
	s.remote = true
	return s, nil
}

func newSession(cfg *config.Config, log *zap.Logger, nc *nats.Conn, b *broker.Broker) (*session, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	metrics := ops.NewMetrics()
	return &session{parts: parts{cfg: cfg, js: js, log: log, metrics: metrics, digests: &digests{metrics: metrics}, setAside: &setAside{log: log.Named("stream")}, paces: new(githubapi.Paces)}, nc: nc, broker: b}, nil
}

// Close ends the connection and the broker, where it is this process.
func (s *session) Close() error {
	s.nc.Close()
	if s.broker == nil {
		return nil
	}
	return s.broker.Close()
}
