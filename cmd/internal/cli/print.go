package cli

import (
	"fmt"
	"io"

	"netsync/schema/event"
	"netsync/schema/shared"
)

// ShortCommit returns the beginning of a commit's id that people read.
func ShortCommit(commit string) string { return commit[:min(10, len(commit))] }

// ChangeLine returns a change on one line.
func ChangeLine(c *event.Change) string {
	return fmt.Sprintf("%-8s %-40s %s", c.Op, c.RecordID(), c.Significance)
}

// PrintJSON prints a value as indented JSON.
func PrintJSON(w io.Writer, v any) error { return shared.WriteJSON(w, v, "  ") }
