package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A contest lets several do the same work in turns, so that a machine that
// slows down does so for all.
type contest struct {
	rounds  int
	before  func(round int) error // makes each round's work; nil for none
	runners []runner
}

type runner struct {
	name string
	do   func() error
}

// run prints the median of each, and its ratio to the first.
func (c contest) run() error {
	times := make([][]time.Duration, len(c.runners))
	for round := range c.rounds {
		if c.before != nil {
			if err := c.before(round); err != nil {
				return err
			}
		}
		for i, r := range c.runners {
			start := time.Now()
			if err := r.do(); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			times[i] = append(times[i], time.Since(start))
		}
	}
	first := median(times[0])
	for i, r := range c.runners {
		m := median(times[i])
		fmt.Printf("%-56s %10s  %5.2f\n", r.name, m.Round(10*time.Microsecond), m.Seconds()/first.Seconds())
	}
	return nil
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// shell runs a command line and drops what it prints.
func shell(ctx context.Context, command string) func() error {
	return func() error {
		cmd := exec.CommandContext(ctx, "sh", "-c", command)
		cmd.Stderr = os.Stderr
		return cmd.Run()
	}
}
