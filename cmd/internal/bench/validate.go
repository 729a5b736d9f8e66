package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"netsync/schema"
)

//go:embed peers/*.cjs
var peers embed.FS

// measureValidate runs netsync validate, all rules with positions, on a folder
// of records, beside two pairs of npm packages that parse and check the schema:
// yaml and ajv, which keep positions, and js-yaml and ajv, which do not.
func measureValidate(ctx context.Context, dir string, records int) error {
	dataset := filepath.Join(dir, "folder")
	if err := writeFolder(dataset, records); err != nil {
		return err
	}
	program := filepath.Join(dir, "netsync")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/netsync").CombinedOutput(); err != nil {
		return fmt.Errorf("build netsync: %w: %s", err, out)
	}
	racers, err := validators(dir, dataset, program)
	if err != nil {
		return err
	}
	// They take turns, so that a machine that slows down does so for all.
	for range 3 {
		for _, r := range racers {
			if err := r.run(ctx); err != nil {
				return err
			}
		}
	}
	fmt.Printf("\n%-46s %12s %14s %14s\n", "validate, best of three", "time", "peak memory", "records/s")
	for _, r := range racers {
		fmt.Printf("%-46s %12s %10d MiB %14.0f\n", r.name, r.best.Round(time.Millisecond), r.memory>>10, float64(records)/r.best.Seconds())
	}
	for _, r := range racers[1:] {
		fmt.Printf("netsync is %.1f times as fast as %s\n", r.best.Seconds()/racers[0].best.Seconds(), r.name)
	}
	if len(racers) == 1 {
		fmt.Println("not compared with npm's packages: set NODE_PATH to a folder that has yaml, js-yaml and ajv")
	}
	return nil
}

// validators are netsync itself and, where npm's packages are there, its peers.
func validators(dir, dataset, program string) ([]*racer, error) {
	racers := []*racer{{name: "netsync validate", args: []string{program, "validate", "--format", "json", dataset}}}
	if os.Getenv("NODE_PATH") == "" {
		return racers, nil
	}
	script, schemas := filepath.Join(dir, "validate.cjs"), filepath.Join(dir, "schemas")
	code, err := peers.ReadFile("peers/validate.cjs")
	if err == nil {
		err = os.WriteFile(script, code, 0o644)
	}
	if err == nil {
		err = os.CopyFS(schemas, schema.Files())
	}
	for _, library := range []string{"yaml", "js-yaml"} {
		racers = append(racers, &racer{name: library + " + ajv", args: []string{"node", script, library, schemas, dataset}})
	}
	return racers, err
}

// A racer is a program that is run several times.
type racer struct {
	name   string
	args   []string
	best   time.Duration
	memory int64 // KiB, of the run that took most
}

func (r *racer) run(ctx context.Context) error {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, r.args[0], r.args[1:]...)
	cmd.Stderr = &stderr
	start := time.Now()
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w: %s%s", r.name, err, stderr.String(), out[:min(len(out), 2000)])
	}
	if took := time.Since(start); r.best == 0 || took < r.best {
		r.best = took
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.memory = max(r.memory, usage.Maxrss)
	}
	return nil
}

func writeFolder(dir string, records int) error {
	write := func(name, content string) error {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		return os.WriteFile(full, []byte(content), 0o644)
	}
	if err := write("dataset.yaml", manifest); err != nil {
		return err
	}
	for i := range records {
		if err := write(path(i), record(i, 11)); err != nil {
			return err
		}
	}
	return nil
}

// wanted reports whether a part of the bench was asked for.
func wanted(only, part string) bool {
	return only == "" || slices.Contains(strings.Split(only, ","), part)
}
