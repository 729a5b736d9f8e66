package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

// measure runs something in this process and prints how long it took and the
// most memory that the process held meanwhile.
func measure(name string, do func() error) error {
	debug.FreeOSMemory()
	resetPeak()
	start := time.Now()
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	report(name, time.Since(start), peak())
	return nil
}

func report(name string, took time.Duration, memory string) {
	fmt.Printf("%-46s %12s %14s\n", name, took.Round(100*time.Microsecond), memory)
}

// resetPeak makes the kernel begin a new high-water mark (proc(5)).
func resetPeak() {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // elsewhere, the mark is that of the whole run
}

// peak reads the high-water mark of resident memory.
func peak() string {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	scanner := bufio.NewScanner(bytes.NewReader(data))
	for scanner.Scan() {
		if kib, ok := strings.CutPrefix(scanner.Text(), "VmHWM:"); ok {
			var n int
			if _, err := fmt.Sscan(kib, &n); err == nil {
				return fmt.Sprintf("%d MiB", n>>10)
			}
		}
	}
	return "unknown"
}

// measureGit runs the peers on the same repository: reading every blob, and
// asking where the branch is.
func measureGit(ctx context.Context, repo string) error {
	list := "git -C '" + repo + "' ls-tree -r main | cut -c13-52"
	peers := []struct{ name, command string }{
		{"git cat-file --batch of all blobs", list + " | git -C '" + repo + "' cat-file --batch --buffer"},
		{"git ls-remote", "git ls-remote '" + repo + "' refs/heads/main"},
		{"git diff-tree -r | git cat-file --batch, one blob", "git -C '" + repo + "' diff-tree -r spare main | cut -d' ' -f4 | git -C '" + repo + "' cat-file --batch"},
	}
	if err := spare(ctx, repo); err != nil {
		return err
	}
	for _, peer := range peers {
		if err := measureCommand(ctx, peer.name, peer.command); err != nil {
			return err
		}
	}
	return nil
}

func measureCommand(ctx context.Context, name, command string) error {
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Stdout, cmd.Stderr = io.Discard, os.Stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	memory := "unknown"
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		memory = fmt.Sprintf("%d MiB", usage.Maxrss>>10)
	}
	report(name, time.Since(start), memory)
	return nil
}
