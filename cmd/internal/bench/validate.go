package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
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
	fmt.Printf("\n%-46s %12s %14s %14s\n", "validate", "time", "peak memory", "records/s")
	ours, err := rate(ctx, "netsync validate", records, program, "validate", "--format", "json", dataset)
	if err != nil {
		return err
	}
	for _, library := range []string{"yaml", "js-yaml"} {
		theirs, err := ratePeer(ctx, dir, dataset, library, records)
		if errors.Is(err, errNoPeer) {
			fmt.Println(err)
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Printf("netsync is %.1f times as fast as %s + ajv\n", ours/theirs, library)
	}
	return nil
}

// errNoPeer says that npm's packages are not there.
var errNoPeer = errors.New("not compared with npm's packages: set NODE_PATH to a folder that has yaml, js-yaml and ajv")

func ratePeer(ctx context.Context, dir, dataset, library string, records int) (float64, error) {
	if os.Getenv("NODE_PATH") == "" {
		return 0, errNoPeer
	}
	script := filepath.Join(dir, "validate.cjs")
	code, err := peers.ReadFile("peers/validate.cjs")
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(script, code, 0o644); err != nil {
		return 0, err
	}
	schemas := filepath.Join(dir, "schemas")
	if err := os.CopyFS(schemas, schema.Files()); err != nil && !errors.Is(err, fs.ErrExist) {
		return 0, err
	}
	return rate(ctx, library+" + ajv", records, "node", script, library, schemas, dataset)
}

// rate runs a program on a dataset and returns how many records it takes a
// second: the best of three runs.
func rate(ctx context.Context, name string, records int, program string, args ...string) (float64, error) {
	best, memory := time.Duration(0), int64(0)
	for range 3 {
		var stderr bytes.Buffer
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Stderr = &stderr
		start := time.Now()
		out, err := cmd.Output()
		if err != nil {
			return 0, fmt.Errorf("%s: %w: %s%s", name, err, stderr.String(), out[:min(len(out), 2000)])
		}
		if took := time.Since(start); best == 0 || took < best {
			best = took
		}
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			memory = max(memory, usage.Maxrss)
		}
	}
	perSecond := float64(records) / best.Seconds()
	fmt.Printf("%-46s %12s %10d MiB %14.0f\n", name, best.Round(time.Millisecond), memory>>10, perSecond)
	return perSecond, nil
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
