package main

import (
	"encoding/json"
	"fmt"
	"io"

	"netsync/schema/event"
)

// short returns the beginning of a commit's id that people read.
func short(commit string) string { return commit[:min(10, len(commit))] }

// changeLine returns a change on one line.
func changeLine(c *event.Change) string {
	return fmt.Sprintf("%-8s %-40s %s", c.Op, c.RecordID(), c.Significance)
}

// printJSON prints a value as indented JSON.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
