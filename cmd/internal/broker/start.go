package broker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"netsync/schema/failpoint"
)

// readyWait is ample: the server's own start has returned when it begins.
const readyWait = 5 * time.Second

// Start locks the store, starts the server on it and returns when clients can
// use it. Where ctx has ended by then it closes everything again and fails: it
// does not break off in the middle of reading the store. After that ctx has no
// part in the broker, which runs until Close.
//
// The error is a [*LockedError] where another process has the store, a
// [*ListenError] where the address cannot be had, and a [*DamagedError] where
// the store holds a stream that the server could not read.
func Start(ctx context.Context, cfg Config) (*Broker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	l := cfg.Lock
	if l == nil {
		var err error
		if l, err = Acquire(cfg); err != nil {
			return nil, err
		}
	}
	b, err := start(ctx, cfg)
	if err != nil {
		return nil, errors.Join(err, l.Release())
	}
	b.lock = l
	return b, nil
}

// start is Start after the store was locked.
func start(ctx context.Context, cfg Config) (*Broker, error) {
	password := rand.Text()
	opts, err := serverOptions(cfg, password, "")
	if err != nil {
		return nil, err
	}
	if err := checkAddress(cfg.Listen); err != nil {
		return nil, err
	}
	srv, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("start the broker: %w", err)
	}
	log := newServerLog(cfg.Log)
	srv.SetLoggerV2(log, false, false, false)
	if err := awaitReady(ctx, srv, log, cfg); err != nil {
		return nil, err
	}
	b := &Broker{server: srv, config: cfg, store: cfg.StoreDir, backups: cfg.Backups, syncLater: cfg.SyncLater, file: cfg.InfoFile}
	b.info = Info{PID: os.Getpid(), URL: b.ClientURL(), User: owner, Password: password}
	if err := b.checkStreams(cfg.StoreDir); err != nil {
		stop(srv)
		return nil, err
	}
	if opts.NoAuthUser != "" {
		if b.gate, err = openGate(b); err != nil {
			stop(srv)
			return nil, err
		}
	}
	if b.file != "" {
		if err := b.writeInfo(); err != nil {
			b.stop()
			return nil, err
		}
	}
	return b, nil
}

// writeInfo writes the address of the broker to a file.
func (b *Broker) writeInfo() error {
	if err := failpoint.Hit("broker: write info"); err != nil {
		return err
	}
	return writeInfo(b.file, b.info)
}

// awaitReady starts the server and waits until it is ready or has failed. It does
// not cut the server's start short, which is not safe while it reads the store.
func awaitReady(ctx context.Context, srv *server.Server, log *serverLog, cfg Config) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("start the broker: %w", err)
	}
	srv.Start()
	err := func() error {
		select {
		case line := <-log.fatal:
			if strings.HasPrefix(line, "Error listening") {
				return &ListenError{Address: cfg.Listen, Err: errors.New(line)}
			}
			return fmt.Errorf("start the broker on %s: %s", cfg.StoreDir, line)
		default:
		}
		if !srv.ReadyForConnections(readyWait) {
			return fmt.Errorf("start the broker on %s: not ready for clients", cfg.StoreDir)
		}
		return ctx.Err()
	}()
	if err != nil {
		stop(srv)
	}
	return err
}

// stop returns when every write is on disk and every goroutine has ended.
func stop(srv *server.Server) {
	srv.Shutdown()
	srv.WaitForShutdown()
}
