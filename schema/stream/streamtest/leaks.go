package streamtest

import "go.uber.org/goleak"

const serverPackage = "github.com/nats-io/nats-server/v2/server."

// LeakOptions are for goleak in packages whose tests run nats-servers. They ignore
// the goroutines that a server leaves behind for a moment after its shutdown, those
// that it keeps for the life of the process, and one of nats.go: a put into an
// object store starts it, and when the put ends before it runs, it waits on a nil
// channel (nats.go v1.55.0, jetstream/publish.go).
func LeakOptions() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreAnyFunction(serverPackage + "(*msgBlock).flushLoop"),
		goleak.IgnoreAnyFunction(serverPackage + "(*consumerFileStore).flushLoop"),
		goleak.IgnoreAnyFunction(serverPackage + "(*Server).startGoRoutine.func1"),
		goleak.IgnoreTopFunction("github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect"),
	}
}
