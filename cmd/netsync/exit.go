package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"netsync/config"
)

// Exit codes, as the contract with users has them.
const (
	exitDone    = 0
	exitData    = 1 // the data or a verification is wrong
	exitUsage   = 2 // usage or configuration
	exitOutside = 3 // Git, the broker, SMTP or the like failed
)

// An exitError is an error that decides the exit code. An Err of nil says that
// what is wrong has been printed already.
type exitError struct {
	Code int
	Err  error
}

func (e *exitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e *exitError) Unwrap() error { return e.Err }

// errData is returned when what is wrong with the data has been printed.
var errData = &exitError{Code: exitData}

func usageError(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// exitCode prints an error that has not been printed and returns its code.
func exitCode(stderr io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	var exit *exitError
	if errors.As(err, &exit) {
		if exit.Err != nil {
			fmt.Fprintf(stderr, "netsync: %v\n", err)
		}
		return exit.Code
	}
	fmt.Fprintf(stderr, "netsync: %v\n", err)
	var wrong *config.Error
	if errors.As(err, &wrong) {
		return exitUsage
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "netsync: interrupted")
	}
	return exitOutside
}
