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
	// done tells, after do, when the work was done, where do goes on after it.
	done func() time.Time
}

// run prints the median of each, and its ratio to the first. None is always the
// one that finds the machine as what was before left it.
func (c contest) run() error {
	times := make([][]time.Duration, len(c.runners))
	for round := range c.rounds {
		if c.before != nil {
			if err := c.before(round); err != nil {
				return err
			}
		}
		for i := range c.runners {
			i = (i + round) % len(c.runners)
			took, err := c.runners[i].measure()
			if err != nil {
				return fmt.Errorf("%s: %w", c.runners[i].name, err)
			}
			times[i] = append(times[i], took)
		}
	}
	first := median(times[0])
	for i, r := range c.runners {
		m := median(times[i])
		fmt.Printf("%-56s %10s  %5.2f\n", r.name, m.Round(10*time.Microsecond), m.Seconds()/first.Seconds())
	}
	return nil
}

// measure returns how long the work took.
func (r runner) measure() (time.Duration, error) {
	start := time.Now()
	err := r.do()
	if r.done == nil {
		return time.Since(start), err
	}
	return r.done().Sub(start), err
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
