package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"go.uber.org/zap"

	"netsync/publishers/feed"
)

// changesPerRecord is how many changes come after the import: 10,000 for
// 100,000 records.
const changesPerRecord = 0.1

// measureFeeds makes all feeds of a dataset from its history, an import and
// many changes, beside cp of the same files, and adds one change.
func measureFeeds(ctx context.Context, dir string, records int) error {
	state, out, copied := filepath.Join(dir, "state"), filepath.Join(dir, "feeds"), filepath.Join(dir, "feeds-copied")
	if err := writeState(state, records); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "-build-feeds", out, "-state", state, "-change")
	cmd.Stderr = os.Stderr
	data, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("make feeds of %d records: %w", records, err)
	}
	var t buildTimes
	if err := json.Unmarshal(data, &t); err != nil {
		return err
	}
	cp := &racer{name: "cp -r of the same files", args: []string{"cp", "-rL", filepath.Join(out, "current"), copied}}
	if err := cp.run(ctx); err != nil {
		return err
	}
	fmt.Printf("\n%-46s %12s %10s\n", "all feeds", "time", "files")
	fmt.Printf("%-46s %12s %10d\n", fmt.Sprintf("import of %d records, %d changes", records, int(float64(records)*changesPerRecord)), t.Full.Round(1e6), t.Before)
	fmt.Printf("%-46s %12s\n", cp.name, cp.best.Round(1e6))
	fmt.Printf("%-46s %12s %10d\n", "one change more", t.Change.Round(1e5), t.Files)
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		fmt.Printf("peak memory of the process, the state and its history included: %d MiB\n", usage.Maxrss>>10)
	}
	return errors.Join(os.RemoveAll(out), os.RemoveAll(copied))
}

// buildFeeds is the process that makes the feeds.
func buildFeeds(ctx context.Context, out, state string, change bool) error {
	d, err := readState(state)
	if err != nil {
		return err
	}
	feeds, err := feed.New(feed.Config{Dir: out, BaseURL: "https://www.example.org", Log: zap.NewNop()})
	if err != nil {
		return err
	}
	e, err := d.imported()
	if err != nil {
		return err
	}
	entries := e.Entries
	changes := int(float64(d.state.Len()) * changesPerRecord)
	for n := range changes {
		if e, err = d.changed(n % (d.state.Len() / 2)); err != nil {
			return err
		}
		entries = append(entries, e.Entries...)
	}
	e.Entries, e.Fresh = entries, true
	return timed(ctx, feeds, out, d, e, change)
}
