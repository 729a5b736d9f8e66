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
	only := flag.String("only", "", "parts to measure: worker, publish, validate, feeds, newsletter, website (all)")
	site := flag.String("build-site", "", "for the part website: build a site into a folder")
	feeds := flag.String("build-feeds", "", "for the part feeds: build feeds into a folder")
	state := flag.String("state", "", "the state to build from")
	change := flag.Bool("change", false, "publish a changed record, too")
	digest := flag.String("send-digest", "", "for the part newsletter: send a digest for an office in a folder")
	server := flag.String("smtp", "", "the mail server to send it to")
	flag.Parse()
	ctx := context.Background()
	var err error
	switch {
	case *site != "":
		err = buildSite(ctx, *site, *state, *change)
	case *feeds != "":
		err = buildFeeds(ctx, *feeds, *state, *change)
	case *digest != "":
		err = sendDigest(ctx, *digest, *server, *records)
	default:
		err = run(ctx, *records, *only)
	}
	if err != nil {
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
		if err := measureValidate(ctx, dir, records); err != nil {
			return err
		}
	}
	if wanted(only, "feeds") {
		if err := measureFeeds(ctx, dir, records); err != nil {
			return err
		}
	}
	if wanted(only, "newsletter") {
		if err := measureNewsletter(ctx, dir, records); err != nil {
			return err
		}
	}
	if wanted(only, "website") {
		return measureWebsite(ctx, dir, records)
	}
	return nil
}
