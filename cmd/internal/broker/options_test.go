package broker

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func TestEveryWriteIsSyncedAndNothingElseListens(t *testing.T) {
	core, logs := observer.New(zap.DebugLevel)
	b, err := Start(t.Context(), Config{StoreDir: filepath.Join(t.TempDir(), "nats"), Listen: "127.0.0.1:0", Log: zap.New(core)})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if js := b.server.JetStreamConfig(); js == nil || !js.SyncAlways {
		t.Errorf("JetStream runs with %+v", js)
	}
	if b.server.MonitorAddr() != nil || b.server.ClusterAddr() != nil || b.server.ProfilerAddr() != nil {
		t.Error("more than the client port listens")
	}
	if logs.FilterLevelExact(zap.DebugLevel).Len() == 0 {
		t.Error("the server's notices do not reach the log")
	}
	if n := logs.Filter(func(e observer.LoggedEntry) bool { return e.Level > zap.DebugLevel }).Len(); n > 0 {
		t.Errorf("a start logs %d lines above debug: %v", n, logs.All())
	}
}

func TestABatchMayBeAsLargeAsConfigured(t *testing.T) {
	const limit = 1_500 // above the server's own 1,000
	b, err := Start(t.Context(), Config{StoreDir: filepath.Join(t.TempDir(), "nats"), MaxBatch: limit})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	nc, err := b.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for n, want := range map[int]bool{limit: true, limit + 1: false} {
		if err := publishBatch(t.Context(), nc, n); (err == nil) != want {
			t.Errorf("batch of %d: %v", n, err)
		}
	}
}

func publishBatch(ctx context.Context, nc *nats.Conn, n int) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	stream := jetstream.StreamConfig{Name: "netsync-a", Subjects: []string{"netsync.a.>"}, AllowAtomicPublish: true}
	if _, err := js.CreateOrUpdateStream(ctx, stream); err != nil {
		return err
	}
	batch, err := jetstreamext.NewBatchPublisher(js)
	if err != nil {
		return err
	}
	for i := range n - 1 {
		if err := batch.Add(fmt.Sprintf("netsync.a.networks.n%d", i), nil); err != nil {
			return err
		}
	}
	_, err = batch.Commit(ctx, "netsync.a.changeset", nil)
	return err
}
