// Command bench measures netsync on a dataset of many records, beside programs
// that do the same work, in one run on one machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"go.uber.org/zap"

	"netsync/cmd/internal/broker"
	"netsync/worker"
	"netsync/worker/git"

	"github.com/nats-io/nats.go/jetstream"
)

func main() {
	records := flag.Int("n", 100_000, "number of records")
	only := flag.String("only", "", "parts to measure: worker, validate (all)")
	flag.Parse()
	if err := run(context.Background(), *records, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, records int, only string) error {
	dir, err := os.MkdirTemp("", "netsync-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("%d records\n", records)
	if wanted(only, "worker") {
		if err := measurePasses(ctx, dir, records); err != nil {
			return err
		}
	}
	if wanted(only, "validate") {
		return measureValidate(ctx, dir, records)
	}
	return nil
}

// measurePasses measures a worker's passes beside git.
func measurePasses(ctx context.Context, dir string, records int) error {
	repo := filepath.Join(dir, "dataset.git")
	if err := makeRepository(ctx, repo, records); err != nil {
		return err
	}
	fmt.Printf("\n%-46s %12s %14s\n", "worker", "time", "peak memory")
	if err := measureGit(ctx, repo); err != nil {
		return err
	}
	return measureWorker(ctx, dir, repo, records)
}

func measureWorker(ctx context.Context, dir, repo string, records int) error {
	b, err := broker.Start(ctx, broker.Config{StoreDir: filepath.Join(dir, "nats"), Log: zap.NewNop()})
	if err != nil {
		return err
	}
	defer b.Close()
	nc, err := b.Connect()
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	w, err := worker.New(worker.Config{
		Git:       git.Config{Repository: repo, Ref: "main", Dir: filepath.Join(dir, "mirror.git")},
		JetStream: js,
		MaxBatch:  broker.DefaultMaxBatch,
		Log:       zap.NewNop(),
	})
	if err != nil {
		return err
	}
	defer w.Close()
	pass := func(want int) func() error {
		return func() error {
			r, err := w.Sync(ctx)
			if err == nil && (r.Held || len(r.Changes) != want) {
				err = fmt.Errorf("%d changes, not %d; findings: %v", len(r.Changes), want, r.Findings[:min(3, len(r.Findings))])
			}
			return err
		}
	}
	if err := measure("netsync: first sync, checked and stored", pass(records)); err != nil {
		return err
	}
	if err := measure("netsync: sync that finds nothing new", pass(0)); err != nil {
		return err
	}
	if err := changeOne(ctx, repo); err != nil {
		return err
	}
	return measure("netsync: sync of one changed record", pass(1))
}
