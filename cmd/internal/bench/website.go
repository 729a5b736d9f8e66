package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/website"
)

// The goals of the website, beside Hugo on the same content, and for one
// changed record.
const (
	goalSpeed  = 2.0       // times Hugo's pages a second, at least
	goalMemory = 1.0 / 3   // of Hugo's peak, at most
	goalFiles  = 50        // written for one changed record, at most
	goalShare  = 5.0 / 100 // of a full build's time, at most
)

// manyTimes is how many more records than a full build the build of one change
// has: 100,000 beside 10,000.
const manyTimes = 10

// measureWebsite builds a site as a process of its own, from a file with the
// state into an empty folder, beside Hugo; and publishes one change of a
// larger one. It holds the goal for speed where files lie in memory, if they can:
// Hugo brings nothing to the disk before it ends, and netsync all.
func measureWebsite(ctx context.Context, dir string, records int) error {
	memory, err := os.MkdirTemp("/dev/shm", "netsync-bench-")
	if err != nil {
		fmt.Println("\nthere is no file system in memory: on the disk")
		missed, err := besideHugo(ctx, dir, records, goalSpeed)
		if err != nil {
			return err
		}
		return errors.Join(missed, oneChange(ctx, dir, records*manyTimes))
	}
	defer os.RemoveAll(memory)
	fmt.Println("\nfiles in memory")
	missed, err := besideHugo(ctx, memory, records, goalSpeed)
	if err != nil {
		return err
	}
	fmt.Println("\nfiles on the disk")
	there, err := besideHugo(ctx, dir, records, 0)
	if err != nil {
		return err
	}
	return errors.Join(missed, there, oneChange(ctx, dir, records*manyTimes))
}

// besideHugo measures full builds, which are to be so many times as fast. The
// first error is of a goal.
func besideHugo(ctx context.Context, dir string, records int, speedup float64) (missed, err error) {
	state, out := filepath.Join(dir, "state"), filepath.Join(dir, "site")
	if err := writeState(state, records); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	racers := []*racer{{name: "netsync, whole process", args: []string{self, "-build-site", out, "-state", state}}}
	program, err := exec.LookPath("hugo")
	if err == nil {
		source := filepath.Join(dir, "hugo")
		if err := writeHugo(source, records); err != nil {
			return nil, err
		}
		racers = append(racers, &racer{name: "hugo, whole process", args: []string{program, "--quiet", "--source", source,
			"--destination", out, "--cacheDir", filepath.Join(dir, "hugo-cache"), "--noBuildLock"}})
	}
	// They take turns, so that a machine that slows down does so for all. What
	// one has written is on the disk before the next begins, and stays there: a
	// file system is slow to make files where it has just removed some.
	pages := make([]int, len(racers))
	for round := range 3 {
		for i, r := range racers {
			syscall.Sync()
			if err := r.run(ctx); err != nil {
				return nil, err
			}
			if pages[i], err = countPages(cmp.Or(existing(filepath.Join(out, "current")), out)); err != nil {
				return nil, err
			}
			if err := os.Rename(out, fmt.Sprintf("%s-%d-%d", out, round, i)); err != nil {
				return nil, err
			}
		}
	}
	fmt.Printf("%-46s %12s %14s %10s %10s\n", "website, best of three", "time", "peak memory", "pages", "pages/s")
	speed := func(i int) float64 { return float64(pages[i]) / racers[i].best.Seconds() }
	for i, r := range racers {
		fmt.Printf("%-46s %12s %10d MiB %10d %10.0f\n", r.name, r.best.Round(time.Millisecond), r.memory>>10, pages[i], speed(i))
	}
	if len(racers) == 1 {
		fmt.Println("not compared with Hugo: the command hugo is not installed")
		return nil, nil
	}
	return errors.Join(
		goal("times Hugo's pages a second", speed(0)/speed(1), speedup, true),
		goal("of Hugo's peak memory", float64(racers[0].memory)/float64(racers[1].memory), goalMemory, false),
	), nil
}

// goal prints a figure beside its goal, and is an error where it is missed; 0 is
// none.
func goal(what string, got, want float64, least bool) error {
	if want == 0 {
		fmt.Printf("%8.3f %s\n", got, what)
		return nil
	}
	word, met := "at most", got <= want
	if least {
		word, met = "at least", got >= want
	}
	fmt.Printf("%8.3f %s (goal: %s %.3f)\n", got, what, word, want)
	if !met {
		return fmt.Errorf("goal missed: %.3f %s, not %s %.3f", got, what, word, want)
	}
	return nil
}

// existing is where a link leads to, or "" where there is none.
func existing(name string) string {
	at, err := filepath.EvalSymlinks(name)
	if err != nil {
		return ""
	}
	return at
}

// countPages counts the pages of a site.
func countPages(dir string) (int, error) {
	pages := 0
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && filepath.Ext(name) == ".html" {
			pages++
		}
		return err
	})
	return pages, err
}

// buildTimes is what a process that builds a site tells.
type buildTimes struct {
	Full, Change time.Duration
	Files        int // that were written for the change
	Before       int // that there were before it
}

// oneChange measures what one changed record costs.
func oneChange(ctx context.Context, dir string, records int) error {
	state, out := filepath.Join(dir, "state"), filepath.Join(dir, "large-site")
	if err := writeState(state, records); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "-build-site", out, "-state", state, "-change")
	cmd.Stderr = os.Stderr
	data, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("build a site of %d records: %w", records, err)
	}
	var t buildTimes
	if err := json.Unmarshal(data, &t); err != nil {
		return err
	}
	fmt.Printf("\none changed record of %d: %s after a build of %s; %d of %d files written\n", records,
		t.Change.Round(time.Millisecond), t.Full.Round(time.Millisecond), t.Files, t.Before)
	return errors.Join(
		goal("files written for a changed record", float64(t.Files), goalFiles, false),
		goal("of a full build's time for a changed record", t.Change.Seconds()/t.Full.Seconds(), goalShare, false),
	)
}

// buildSite is the process that builds: the dataset's import and, where asked,
// one changed record after it.
func buildSite(ctx context.Context, out, state string, change bool) error {
	d, err := readState(state)
	if err != nil {
		return err
	}
	site, err := website.New(website.Config{Dir: out, BaseURL: "https://www.example.org/", Log: zap.NewNop()})
	if err != nil {
		return err
	}
	first, err := d.imported()
	if err != nil {
		return err
	}
	return timed(ctx, site, out, d, first, change)
}

// timed publishes an edition and, where asked, one changed record after it, and
// prints a buildTimes.
func timed(ctx context.Context, channel publishers.Channel, out string, d *dataset, first publishers.Edition, change bool) error {
	start := time.Now()
	if err := channel.Publish(ctx, first); err != nil || !change {
		return err
	}
	t := buildTimes{Full: time.Since(start)}
	if p, ok := channel.(publishers.Preparer); ok {
		if err := p.Prepare(); err != nil {
			return err
		}
	}
	before, err := inodes(filepath.Join(out, "current"))
	if err != nil {
		return err
	}
	second, err := d.changed(1)
	if err != nil {
		return err
	}
	start = time.Now()
	if err := channel.Publish(ctx, second); err != nil {
		return err
	}
	t.Change, t.Before = time.Since(start), len(before)
	after, err := inodes(filepath.Join(out, "current"))
	if err != nil {
		return err
	}
	for name, inode := range after {
		if before[name] != inode {
			t.Files++
		}
	}
	return json.NewEncoder(os.Stdout).Encode(t)
}

// inodes tells of each file below a folder which one it is: a file that two
// releases share was not written again.
func inodes(dir string) (map[string]uint64, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	all := make(map[string]uint64)
	err = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return errors.New("the file system does not tell files apart")
		}
		all[name[len(dir):]] = stat.Ino
		return nil
	})
	return all, err
}
