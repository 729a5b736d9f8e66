//go:build failpoints

package failpoint

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// ErrAsked is the failure that a test asked for.
var ErrAsked = errors.New("a test asked for this failure")

var (
	point, action string
	at            int64
	hits          atomic.Int64
)

func init() {
	setting := os.Getenv("NETSYNC_TEST_FAILPOINT")
	if setting == "" {
		return
	}
	var what, n string
	var ok1, ok2 bool
	point, what, ok1 = strings.Cut(setting, "=")
	action, n, ok2 = strings.Cut(what, "@")
	var err error
	if at, err = strconv.ParseInt(n, 10, 64); err != nil || !ok1 || !ok2 {
		panic("NETSYNC_TEST_FAILPOINT is not <point>=<action>@<n>: " + setting)
	}
}

// Hit returns the failure that a test asked for at a place, or nil. Where the
// test asked for a kill, it does not return.
func Hit(name string) error {
	if !slices.Contains(Points, name) {
		panic("failpoint " + name + " is not in the list")
	}
	if name != point || hits.Add(1) != at {
		return nil
	}
	if file := os.Getenv("NETSYNC_TEST_FAILPOINT_HIT"); file != "" {
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			panic(err)
		}
	}
	switch action {
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way
	case "full":
		return fmt.Errorf("%s: %w", name, syscall.ENOSPC)
	}
	return fmt.Errorf("%s: %w", name, ErrAsked)
}
