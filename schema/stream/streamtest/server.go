// Package streamtest runs a real nats-server inside a test.
package streamtest

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// startLimit is how long a server may take to come up on a busy machine.
const startLimit = 30 * time.Second

// Server starts a nats-server with JetStream on a store of its own, and stops
// it when the test ends.
func Server(tb testing.TB) *server.Server {
	tb.Helper()
	return ServerAt(tb, tb.TempDir())
}

// ServerAt starts a nats-server on a store that may hold streams already.
func ServerAt(tb testing.TB, dir string) *server.Server {
	tb.Helper()
	return ServerWith(tb, dir, func(*server.Options) {})
}

// ServerWith is ServerAt with options of its own.
func ServerWith(tb testing.TB, dir string, adapt func(*server.Options)) *server.Server {
	tb.Helper()
	options := &server.Options{
		ServerName: "streamtest",
		Host:       "127.0.0.1",
		Port:       server.RANDOM_PORT,
		JetStream:  true,
		StoreDir:   dir,
		NoSigs:     true,
		NoLog:      true,
	}
	adapt(options)
	ns, err := server.NewServer(options)
	if err != nil {
		tb.Fatalf("make nats-server: %v", err)
	}
	ns.Start()
	tb.Cleanup(func() {
		ns.Shutdown()
		ns.WaitForShutdown()
	})
	if !ns.ReadyForConnections(startLimit) {
		tb.Fatal("nats-server is not ready")
	}
	return ns
}

// Connect opens a connection that closes when the test ends.
func Connect(tb testing.TB, ns *server.Server) *nats.Conn {
	tb.Helper()
	nc, err := nats.Connect("", nats.InProcessServer(ns))
	if err != nil {
		tb.Fatalf("connect to nats-server: %v", err)
	}
	tb.Cleanup(nc.Close)
	return nc
}

// JetStream starts a server and returns a JetStream context of it.
func JetStream(tb testing.TB) jetstream.JetStream {
	tb.Helper()
	js, err := jetstream.New(Connect(tb, Server(tb)))
	if err != nil {
		tb.Fatalf("open JetStream: %v", err)
	}
	return js
}
