package streamtest

import "go.uber.org/goleak"

const serverPackage = "github.com/nats-io/nats-server/v2/server."

// LeakOptions are for goleak in packages whose tests run nats-servers: the
// goroutines that a server leaves behind for a moment after its shutdown, and
// those that it keeps for the life of the process.
func LeakOptions() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreAnyFunction(serverPackage + "(*msgBlock).flushLoop"),
		goleak.IgnoreAnyFunction(serverPackage + "(*consumerFileStore).flushLoop"),
		goleak.IgnoreAnyFunction(serverPackage + "(*Server).startGoRoutine.func1"),
	}
}
