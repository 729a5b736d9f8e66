package broker

import (
	"fmt"

	"github.com/nats-io/nats-server/v2/server"

	"netsync/schema/shared"
)

// serverName is the same at every start, because JetStream keeps state by it.
const serverName = "netsync"

// The users. The owner's password changes at every start.
const (
	owner = "netsync"
	guest = "guest"
)

// serverOptions returns the options of the server. Everything else is off: monitoring,
// websocket, MQTT, leaf nodes, routes, and the handling of signals.
func serverOptions(cfg Config, password, dataset string) (*server.Options, error) {
	host, port, err := cfg.parseAddress()
	if err != nil {
		return nil, err
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	maxBatch := cfg.MaxBatch
	if maxBatch == 0 {
		maxBatch = DefaultMaxBatch
	}
	opts := &server.Options{}
	if err := opts.ProcessConfigString(accountsConfig(password, dataset)); err != nil {
		return nil, fmt.Errorf("set up the broker's accounts: %w", err)
	}
	if cfg.Listen != "" && shared.IsLoopback(host) {
		opts.NoAuthUser = guest
	}
	opts.ServerName = serverName
	opts.Host, opts.Port, opts.DontListen = host, port, cfg.Listen == ""
	opts.NoSigs = true
	opts.MaxPayload = maxPayload
	opts.JetStream = true
	opts.DisableJetStreamBanner = true
	opts.StoreDir = cfg.StoreDir
	opts.SyncAlways = !cfg.SyncLater
	opts.JetStreamLimits.MaxBatchSize = maxBatch
	return opts, nil
}
