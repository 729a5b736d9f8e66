package broker

import (
	"fmt"
	"strings"

	"github.com/nats-io/nats-server/v2/server"
)

// serverName is the same at every start, because JetStream keeps state by it.
const serverName = "netsync"

// The users. The owner's password changes at every start.
const (
	owner = "netsync"
	guest = "guest"
)

// options are the server's. Whatever is not named here stays off: monitoring,
// websocket, MQTT, leaf nodes, routes, and the handling of signals.
func options(cfg Config, password string) (*server.Options, error) {
	host, port, err := cfg.address()
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
	if err := opts.ProcessConfigString(accounts(password)); err != nil {
		return nil, fmt.Errorf("set up the broker's accounts: %w", err)
	}
	if cfg.Listen != "" && isLoopback(host) {
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

// gatePrefix stands for the API's prefix in requests of guests for a consumer,
// and before the inboxes that their messages are delivered to; see gate.go.
const (
	gatePrefix = "guest."
	apiPrefix  = "$JS.API."
)

// accounts keeps guests in an account of their own. With permissions alone
// they could still write: the server sends its answer to whatever reply
// subject a request names, and would so put it into a stream. Here an answer
// goes back to the guests' account, where there is no stream. They see what
// is imported and nothing else.
func accounts(password string) string {
	// One answer to a request.
	single := []string{
		"$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.STREAM.INFO.*", "$JS.API.STREAM.MSG.GET.*",
		"$JS.API.CONSUMER.INFO.*.*", "$JS.API.CONSUMER.NAMES.*", "$JS.API.CONSUMER.LIST.*", "$JS.API.CONSUMER.DELETE.*.*",
		"$JS.ACK.>", "$JS.FC.>",
	}
	// Several: messages come as answers to one request.
	several := []string{"$JS.API.CONSUMER.MSG.NEXT.*.*", "$JS.API.DIRECT.GET.>"}

	var exports, imports, publish strings.Builder
	for _, subject := range single {
		fmt.Fprintf(&exports, "{service: %q, accounts: [GUEST]}\n", subject)
	}
	for _, subject := range several {
		fmt.Fprintf(&exports, "{service: %q, response_type: stream, accounts: [GUEST]}\n", subject)
	}
	for _, subject := range append(single, several...) {
		fmt.Fprintf(&imports, "{service: {account: NETSYNC, subject: %q}}\n", subject)
		fmt.Fprintf(&publish, "%q\n", subject)
	}
	return fmt.Sprintf(`
accounts {
  NETSYNC {
    jetstream: enabled
    users: [{user: %[1]q, password: %[2]q}]
    exports: [
      {stream: "netsync.>", accounts: [GUEST]}
      {stream: "%[3]s_INBOX.>", accounts: [GUEST]}
      {service: "%[3]sCONSUMER.CREATE.>", accounts: [GUEST]}
      {service: "%[3]sCONSUMER.DURABLE.CREATE.>", accounts: [GUEST]}
      %[4]s
    ]
  }
  GUEST {
    users: [{user: %[5]q, password: "", permissions: {
      subscribe: ["netsync.>", "_INBOX.>"]
      publish: ["$JS.API.CONSUMER.CREATE.>", "$JS.API.CONSUMER.DURABLE.CREATE.>", %[7]s]
    }}]
    imports: [
      {stream: {account: NETSYNC, subject: "netsync.>"}}
      {stream: {account: NETSYNC, subject: "%[3]s_INBOX.>"}, to: "_INBOX.>"}
      {service: {account: NETSYNC, subject: "%[3]sCONSUMER.CREATE.>"}, to: "$JS.API.CONSUMER.CREATE.>"}
      {service: {account: NETSYNC, subject: "%[3]sCONSUMER.DURABLE.CREATE.>"}, to: "$JS.API.CONSUMER.DURABLE.CREATE.>"}
      %[6]s
    ]
  }
}
`, owner, password, gatePrefix, exports.String(), guest, imports.String(), publish.String())
}
