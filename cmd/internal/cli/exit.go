package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"netsync/config"
)

// Exit codes of netsync.
const (
	ExitDone    = 0
	ExitData    = 1 // the data or a verification is wrong
	ExitUsage   = 2 // usage or configuration
	ExitOutside = 3 // Git, the broker, SMTP or the like failed
)

// An Error is an error that decides the exit code. Err is nil if the mistakes have
// been printed already.
type Error struct {
	Code int
	Err  error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// ErrData is returned when the mistakes in the data have been printed.
var ErrData = &Error{Code: ExitData}

// UsageError returns an error whose exit code is ExitUsage.
func UsageError(format string, args ...any) error {
	return &Error{ExitUsage, fmt.Errorf(format, args...)}
}

// ExitCode prints an error that has not been printed and returns its code.
func ExitCode(stderr io.Writer, err error) int {
	if err == nil {
		return ExitDone
	}
	var exit *Error
	if errors.As(err, &exit) {
		if exit.Err != nil {
			fmt.Fprintf(stderr, "netsync: %v\n", err)
		}
		return exit.Code
	}
	fmt.Fprintf(stderr, "netsync: %v\n", err)
	var wrong *config.Error
	if errors.As(err, &wrong) {
		return ExitUsage
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "netsync: interrupted")
	}
	return ExitOutside
}
