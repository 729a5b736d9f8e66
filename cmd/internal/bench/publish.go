package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"netsync/cmd/internal/broker"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker/journal"
)

// publishBatch is a batch of both sides: the most that a NATS server takes by
// default.
const publishBatch = 1_000

// measurePublish publishes record events, made durable by the same server over
// the same kind of connection, beside the nats command's own measurement.
func measurePublish(ctx context.Context, dir string, records int) error {
	fmt.Printf("\n%-56s %10s  %5s\n", "publishing, synced", "time", "ratio")
	info := filepath.Join(dir, "publish.json")
	b, err := broker.Start(ctx, broker.Config{StoreDir: filepath.Join(dir, "publish"), Listen: "127.0.0.1:0", InfoFile: info, Log: zap.NewNop()})
	if err != nil {
		return err
	}
	defer b.Close()
	nc, at, err := dial(info)
	if err != nil {
		return err
	}
	defer nc.Close()
	events := madeEvents(records)
	data, err := event.Encode(events[0])
	if err != nil {
		return err
	}
	ours := runner{name: "netsync: record events, encoded and appended", do: func() error { return publishAll(ctx, nc, events) }}
	program, err := exec.LookPath("nats")
	if err != nil {
		fmt.Println("not compared with nats bench: the command nats is not installed")
		return contest{rounds: 1, runners: []runner{ours}}.run()
	}
	peer := fmt.Sprintf("'%s' --server nats://%s:%s@%s bench js pub atomic bench.x --create --stream bench --msgs %d --size %d --batch %d --multisubject --no-progress >/dev/null 2>&1",
		program, at.User, at.Password, strings.TrimPrefix(at.URL, "nats://"), records, len(data), publishBatch)
	return contest{rounds: 3, runners: []runner{{name: "nats bench js pub atomic", do: shell(ctx, peer)}, ours}}.run()
}

// madeEvents are those of a first import.
func madeEvents(n int) []event.Event {
	events := make([]event.Event, n)
	for i := range events {
		id := schema.RecordID{Collection: schema.Networks, ID: id(i)}
		record := schema.Record{ID: id, JSON: fmt.Appendf(nil, `{"id":%q,"summary":%q}`, id.ID, strings.Repeat("A sentence of a summary. ", 80))}
		record.Digest = schema.DigestOf(record.JSON)
		events[i] = event.Event{
			ID: "bench@0:" + id.String(), Type: event.RecordCreated, Dataset: "bench", Time: time.Unix(0, 0), Trace: event.TraceOf(id.ID),
			Change: &event.Change{
				Collection: id.Collection, ID: id.ID, Op: event.Created, Digest: &record.Digest, Record: record.JSON,
				Previous: []byte("null"), Patch: []byte("[]"), Significance: event.Major, Bulk: true, Changeset: "bench@0",
			},
		}
	}
	return events
}

// publishAll publishes to a new stream, as the worker does: the server is sent
// the next batch while it makes one durable.
func publishAll(ctx context.Context, nc *nats.Conn, events []event.Event) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	if err := js.DeleteStream(ctx, "netsync-bench"); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	j, err := journal.Open(ctx, js, journal.Config{Dataset: "bench", MaxBatch: publishBatch})
	if err != nil {
		return err
	}
	prepare := func(from int) *journal.Batch {
		if from >= len(events) {
			return nil
		}
		b := j.PrepareAll(event.Seq(from), events[from:min(from+publishBatch, len(events))])
		b.Ahead()
		return b
	}
	var last event.Seq
	batch := prepare(0)
	for to := publishBatch; err == nil && batch != nil; to += publishBatch {
		next := prepare(to)
		last, err = j.Append(ctx, batch)
		batch = next
	}
	if batch != nil { // there was an error
		batch.Discard()
	}
	if err == nil && int(last) != len(events) {
		err = fmt.Errorf("the stream ends at %d, not at %d", last, len(events))
	}
	return err
}

// dial connects to the broker that a file tells of.
func dial(info string) (*nats.Conn, broker.Info, error) {
	at, err := broker.ReadInfo(info)
	if err != nil {
		return nil, at, err
	}
	nc, err := nats.Connect(at.URL, nats.UserInfo(at.User, at.Password))
	return nc, at, err
}
