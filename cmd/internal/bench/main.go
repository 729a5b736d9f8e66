// Command bench measures netsync on a dataset of many records, beside programs
// that do the same work, in one run on one machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
)

func main() {
	records := flag.Int("n", 100_000, "number of records")
	only := flag.String("only", "", "parts to measure: worker, publish, validate (all)")
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
	if wanted(only, "publish") {
		if err := measurePublish(ctx, dir, records); err != nil {
			return err
		}
	}
	if wanted(only, "validate") {
		return measureValidate(ctx, dir, records)
	}
	return nil
}
