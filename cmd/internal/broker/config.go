// Package broker runs a NATS server with JetStream inside this process, for
// an installation without a broker of its own.
//
// One process has a store at a time: the server itself would open one twice.
// Every write is synced to disk before it is acknowledged. Whoever reaches the
// listening address without a password may read the events and write nothing.
package broker

import (
	"errors"
	"fmt"
	"net"
	"strconv"

	"go.uber.org/zap"
)

// DefaultMaxBatch is the number of messages that an atomic batch may have. Both
// sides hold a batch in memory.
const DefaultMaxBatch = 10_000

// maxPayload bounds a message: a record of 256 KiB is in its event twice, and
// its patch may be as large again.
const maxPayload = 8 << 20

// Config is what a broker needs to start.
type Config struct {
	// StoreDir keeps the streams; it is made where it is missing. The lock is
	// the file of the same name with ".lock" behind it.
	StoreDir string
	// Listen is the host:port that clients reach; port 0 takes a free one.
	// Empty listens nowhere, and only Connect reaches the broker. Guests are
	// let in where the host is a loopback address, and nowhere else.
	Listen string
	// InfoFile is written once the broker is ready, for ReadInfo, and removed
	// by Close. Empty writes none.
	InfoFile string
	// SyncLater leaves it to Close to sync what was written: for a restore, which
	// counts only afterwards.
	SyncLater bool
	// Backups is where backups are, for the remedy of a damaged store; empty
	// if there are none.
	Backups string
	// Lock is that of StoreDir if Acquire has taken it already. Start releases it
	// if it fails, and Close otherwise.
	Lock *Lock
	// Log gets what the server says; nil drops it.
	Log *zap.Logger
	// MaxBatch is the limit of an atomic batch; 0 means DefaultMaxBatch.
	MaxBatch int
}

// Validate reports what Start would refuse.
func (c Config) Validate() error {
	if c.StoreDir == "" {
		// The server would take the system's temporary folder.
		return errors.New("broker: no store directory")
	}
	if c.MaxBatch < 0 {
		return fmt.Errorf("broker: batch limit %d is negative", c.MaxBatch)
	}
	_, _, err := c.parseAddress()
	return err
}

// parseAddress splits Listen; if that is empty, the port is 0.
func (c Config) parseAddress() (host string, port int, err error) {
	if c.Listen == "" {
		return "", 0, nil
	}
	host, text, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "", 0, fmt.Errorf("broker: listen address %q: %w", c.Listen, err)
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("broker: listen address %q: %w", c.Listen, err)
	}
	return host, int(n), nil
}
