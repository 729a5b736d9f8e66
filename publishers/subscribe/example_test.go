package subscribe_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/publishers/subscribe"
	"netsync/schema/event"
)

// A program that prints what changes, until it is interrupted.
func ExampleUpdates() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	nc, err := nats.Connect(nats.DefaultURL)
	if err != nil {
		log.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		log.Fatal(err)
	}
	for u, err := range subscribe.Updates(ctx, js, subscribe.Options{Dataset: "leiden-networks"}) {
		if err != nil {
			log.Fatal(err)
		}
		if u.Snapshot {
			fmt.Println("begins with", u.State.Len(), "records")
		}
		for _, change := range u.Changes {
			fmt.Println(change.RecordID(), change.Op, change.Significance)
		}
	}
}

// A program that keeps its position in a file, and goes on from there after a restart.
func ExampleUpdates_restart() {
	const file = "position.json"
	var js jetstream.JetStream // see the first example

	var since event.Position
	if data, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(data, &since); err != nil {
			log.Fatal(err)
		}
	}
	for u, err := range subscribe.Updates(context.Background(), js, subscribe.Options{Since: since}) {
		if err != nil {
			log.Fatal(err)
		}
		switch {
		case u.Remade:
			fmt.Println("the stream is another one: replace all records")
		case u.Snapshot:
			fmt.Println("some changesets are not in the stream any more: compare all records")
		}
		// Deal with u.Changes here, and keep the position only then.
		data, err := json.Marshal(u.Position)
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			log.Fatal(err)
		}
	}
}
