package broker

import (
	"fmt"
	"strings"
)

// Limits of guests. A connection that exceeds one is refused or closed by the
// server; netsync's own connections are in another account and keep working.
const (
	maxGuestConnections   = 256
	maxGuestSubscriptions = 128        // of one connection
	maxGuestPayload       = 64 << 10   // bytes of one request
	maxGuestConsumers     = 100        // of all guests
	gatePrefix            = "guest."   // before subjects that the gate serves
	apiPrefix             = "$JS.API." // before the same subjects as guests know them
	inboxPrefix           = "_INBOX."  // begins the subjects that clients make for themselves
)

// gateRequests lists what the gate answers: below apiPrefix for guests, below
// gatePrefix for the gate.
func gateRequests() []string {
	return []string{
		"INFO", "STREAM.NAMES", "STREAM.INFO.*", "STREAM.MSG.GET.*",
		"CONSUMER.CREATE.>", "CONSUMER.DURABLE.CREATE.>", "CONSUMER.INFO.*.*", "CONSUMER.DELETE.*.*",
	}
}

// guestStreams returns the streams that guests read: the events of the dataset
// and its images. Without a dataset there are none.
func guestStreams(dataset string) []string {
	if dataset == "" {
		return nil
	}
	return []string{"netsync-" + dataset, objectStore + "netsync-" + dataset + "-assets"}
}

// accountsConfig returns the server's accounts, in the syntax of its configuration.
//
// Guests have an account of their own. Permissions alone would not keep them
// from writing: the server sends its answer to any reply subject that a request
// names, and would so put it into a stream. Here an answer goes back to the
// guests' account, which has no stream. They reach the plain subjects of one
// dataset, the acknowledgements of its two streams, and the gate, which
// answers the rest of their requests; see gate.go.
func accountsConfig(password, dataset string) string {
	var exports, imports, publish strings.Builder
	export := func(kind, subject, options string) {
		fmt.Fprintf(&exports, "{%s: %q, accounts: [GUEST]%s}\n", kind, subject, options)
	}
	for _, verb := range gateRequests() {
		export("service", gatePrefix+verb, "")
		fmt.Fprintf(&imports, "{service: {account: NETSYNC, subject: %q}, to: %q}\n", gatePrefix+verb, apiPrefix+verb)
		fmt.Fprintf(&publish, "%q\n", apiPrefix+verb)
	}
	for _, stream := range guestStreams(dataset) {
		for subject, options := range streamRequests(stream) {
			export("service", subject, options)
			fmt.Fprintf(&imports, "{service: {account: NETSYNC, subject: %q}}\n", subject)
		}
	}
	if dataset != "" {
		plain := "netsync." + dataset + ".>"
		export("stream", plain, "")
		fmt.Fprintf(&imports, "{stream: {account: NETSYNC, subject: %q}}\n", plain)
	}
	return fmt.Sprintf(`
accounts {
  NETSYNC {
    jetstream: enabled
    users: [{user: %[1]q, password: %[2]q}]
    exports: [
      {stream: "%[3]s_INBOX.>", accounts: [GUEST]}
      %[4]s
    ]
  }
  GUEST {
    limits: {max_connections: %[8]d, max_subscriptions: %[9]d, max_payload: %[10]d}
    users: [{user: %[5]q, password: "", permissions: {
      subscribe: ["netsync.>", "_INBOX.>"]
      publish: ["$JS.ACK.>", "$JS.FC.>", "$JS.API.CONSUMER.MSG.NEXT.*.*", "$JS.API.DIRECT.GET.>", %[7]s]
    }}]
    imports: [
      {stream: {account: NETSYNC, subject: "%[3]s_INBOX.>"}, to: "_INBOX.>"}
      %[6]s
    ]
  }
}
`, owner, password, gatePrefix, exports.String(), guest, imports.String(), publish.String(),
		maxGuestConnections, maxGuestSubscriptions, maxGuestPayload)
}

// streamRequests returns the requests that a stream and its consumers answer
// themselves, and the options of their export: pull requests and direct reads,
// with any number of answers, and acknowledgements and flow control in the
// server's two formats.
func streamRequests(stream string) map[string]string {
	const many = ", response_type: stream"
	return map[string]string{
		apiPrefix + "CONSUMER.MSG.NEXT." + stream + ".*": many,
		apiPrefix + "DIRECT.GET." + stream:               many,
		apiPrefix + "DIRECT.GET." + stream + ".>":        many,
		"$JS.ACK." + stream + ".>":                       "",
		"$JS.ACK.*.*." + stream + ".>":                   "",
		"$JS.FC." + stream + ".>":                        "",
		"$JS.FC.*.*." + stream + ".>":                    "",
	}
}
