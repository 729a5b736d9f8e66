package broker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Broker is a running server. Its methods may be called from any goroutine.
type Broker struct {
	server *server.Server
	config Config
	store  string // its folder

	backups   string // where backups are; "" if there are none
	syncLater bool
	info      Info
	file      string
	lock      *Lock
	gate      *gate // nil without guests

	admitting sync.Mutex // held while what guests may read changes

	closing sync.Once
	closed  error
}

// Connect gives a connection inside this process, with every permission. The
// caller closes it before the broker.
func (b *Broker) Connect(opts ...nats.Option) (*nats.Conn, error) {
	own := []nats.Option{nats.InProcessServer(b.server), nats.UserInfo(b.info.User, b.info.Password)}
	nc, err := nats.Connect("", append(own, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to the broker in this process: %w", err)
	}
	return nc, nil
}

// ClientURL is where other processes connect, without user and password;
// empty where the broker does not listen.
func (b *Broker) ClientURL() string {
	if b.server.Addr() == nil {
		return ""
	}
	return b.server.ClientURL()
}

// Writable returns why the server takes no new messages, or nil. After an
// error of the disk it freezes a stream until it is started again, and after a
// refused permission all of JetStream. It writes nothing.
func (b *Broker) Writable() error {
	if err := b.checkSpace(minSpace); err != nil {
		return err
	}
	health := b.server.Healthz(&server.HealthzOptions{Details: true})
	for _, problem := range health.Errors {
		return errors.New(problem.Error)
	}
	if health.Error != "" {
		return errors.New(health.Error)
	}
	return nil
}

// Close removes the info file, stops the server, waits until every write is
// on disk and every goroutine has ended, and lets go of the store. Calls after
// the first wait for it and return the same.
func (b *Broker) Close() error {
	b.closing.Do(func() {
		var err error
		if b.file != "" {
			err = removeInfo(b.file, b.info)
		}
		b.stop()
		if b.syncLater {
			err = errors.Join(err, syncAll(b.store))
		}
		b.closed = errors.Join(err, b.lock.Release())
	})
	return b.closed
}

// stop ends the gate before its server.
func (b *Broker) stop() {
	if b.gate != nil {
		b.gate.close()
	}
	stop(b.server)
}

// syncAll syncs every file and folder of a store.
func syncAll(store string) error {
	return filepath.WalkDir(store, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() && !entry.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}
