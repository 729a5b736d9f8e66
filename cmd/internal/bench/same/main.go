// Command same compares what two programs make of the same commits to a dataset,
// as .ci/same-bytes builds them: with a clock that stands still.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	except := flag.String("except", "", "a regular expression: what it matches is left out of both")
	flag.Parse()
	var err error
	if *except != "" {
		if named, err = regexp.Compile(*except); err != nil {
			fmt.Fprintln(os.Stderr, "same: -except:", err)
			os.Exit(2)
		}
	}
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: same OLD NEW")
		os.Exit(2)
	}
	differences, err := run(context.Background(), flag.Arg(0), flag.Arg(1))
	if err != nil {
		fmt.Fprintln(os.Stderr, "same:", err)
		os.Exit(3)
	}
	if differences > 0 {
		os.Exit(1)
	}
}

// named matches the differences that are meant; nil for none.
var named *regexp.Regexp

// start is when the clock of the first step stands.
var start = time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)

// run compares two programs on each dataset and returns how many files differ.
func run(ctx context.Context, oldProgram, newProgram string) (differences int, err error) {
	dir, err := os.MkdirTemp("", "netsync-same-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	for _, d := range []dataset{sampleDataset(), thousandRecords()} {
		fmt.Printf("%s: %d commits\n", d.name, len(d.steps))
		old := &installation{program: oldProgram, dir: filepath.Join(dir, d.name, "old")}
		other := &installation{program: newProgram, dir: filepath.Join(dir, d.name, "new")}
		if err := compareInstallations(ctx, d, old, other, &differences); err != nil {
			return differences, fmt.Errorf("%s: %w", d.name, err)
		}
	}
	return differences, nil
}

// compareInstallations has two installations follow a dataset, one commit after
// the other, and compares them after the first, the middle and the last.
func compareInstallations(ctx context.Context, d dataset, old, other *installation, differences *int) error {
	r, err := newRepository(ctx, filepath.Join(filepath.Dir(old.dir), "dataset"))
	if err != nil {
		return err
	}
	for _, i := range []*installation{old, other} {
		stop, err := i.prepare(ctx, r.dir)
		if err != nil {
			return err
		}
		defer stop()
	}
	for n, step := range d.steps {
		now := start.Add(time.Duration(n) * 26 * time.Hour)
		if err := r.commitStep(ctx, step, now); err != nil {
			return err
		}
		for _, i := range []*installation{old, other} {
			if err := i.makeResults(ctx, now.Add(time.Minute), n == 0 || n == len(d.steps)/2); err != nil {
				return err
			}
		}
		if n != 0 && n != len(d.steps)/2 && n != len(d.steps)-1 {
			continue
		}
		found, compared, err := compareFolders(old.results(), other.results())
		if err != nil {
			return err
		}
		fmt.Printf("after commit %d: %d files compared, %d differ\n", n+1, compared, found)
		*differences += found
	}
	return nil
}
