// Package cli has the frame of a command: its configuration, exit code, log, JSON
// and progress.
package cli
