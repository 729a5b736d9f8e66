// Follow keeps a copy of a dataset in step with its events, and proves at each
// changeset that nothing was missed:
//
//	go run ./publishers/subscribe/examples/go nats://127.0.0.1:4222 leiden-networks copy.json
//
// The copy is replaced after each changeset, never half of one. After an
// interruption the program goes on from where the copy is.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/publishers/subscribe"
	"netsync/schema/event"
)

// A copy is what is kept of a dataset.
type copy struct {
	Position event.Position             `json:"position"`
	Records  map[string]json.RawMessage `json:"records"` // by collection/id
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: follow SERVER DATASET COPY")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := follow(ctx, os.Args[1], os.Args[2], os.Args[3]); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func follow(ctx context.Context, server, dataset, file string) error {
	nc, err := nats.Connect(server, nats.MaxReconnects(-1))
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	kept, err := load(file)
	if err != nil {
		return err
	}
	for u, err := range subscribe.Updates(ctx, js, subscribe.Options{Dataset: dataset, Since: kept.Position}) {
		if err != nil {
			return err
		}
		next := copy{u.Position, make(map[string]json.RawMessage)}
		for record := range u.State.All() {
			next.Records[record.ID.String()] = record.JSON
		}
		if err := save(file, next); err != nil {
			return err
		}
		fmt.Printf("%s: %d changes, %d records, %s\n", u.Position.Changeset, len(u.Changes), u.State.Len(), u.State.Digest())
	}
	return nil
}

func load(file string) (c copy, err error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(data, &c)
}

func save(file string, c copy) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
