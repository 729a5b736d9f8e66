package github

import (
	"fmt"
	"math"
	"strings"

	"netsync/schema/event"
	"netsync/schema/shared"
	"netsync/schema/story"
)

// Lengths of what is shown of a text, in characters.
const (
	cellLength    = 200
	messageLength = 600
)

// Changes renders changes as Markdown for a reader who knows the dataset: a
// line that counts them, then one for each, with old and new values where
// several differ. What has no room within limit bytes is counted at the end;
// 0 means that all has.
func Changes(d story.Describer, changes []*event.Change, limit int) string {
	if len(changes) == 0 {
		return "Nothing that is published would change.\n"
	}
	head := escapeMarkdown(d.Tally(story.Count(changes))) + ".\n\n"
	if limit == 0 {
		limit = math.MaxInt
	}
	return head + joinUpTo(len(changes), func(i int) string { return changeItem(d, changes[i]) }, limit-len(head), "change")
}

// changeItem is a change as an item of a list.
func changeItem(d story.Describer, c *event.Change) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- %s (%s)\n", escapeMarkdown(d.Sentence(c)), escapeMarkdown(c.RecordID().String()))
	before, old := c.Before()
	after, now := c.After()
	if !old || !now {
		return b.String()
	}
	if differences := d.Differences(before, after); len(differences) > 1 {
		b.WriteString("\n  | | before | after |\n  | --- | --- | --- |\n")
		for _, x := range differences {
			fmt.Fprintf(&b, "  | %s | %s | %s |\n", formatCell(x.Label), formatCell(x.Old), formatCell(x.New))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// formatCell returns a text for a table; a dash if it is empty.
func formatCell(s string) string {
	if s = escapeMarkdown(story.Shorten(s, cellLength)); s == "" {
		return "–"
	}
	return s
}

// joinUpTo joins n items up to a limit in bytes, and adds how many are left out.
func joinUpTo(n int, item func(i int) string, limit int, what string) string {
	const tail = 64 // for the line that says so
	var b strings.Builder
	for i := range n {
		next := item(i)
		if len(next) > limit-tail-b.Len() {
			fmt.Fprintf(&b, "\n… and %s that %s no room here.\n", shared.Plural(n-i, what), haveOrHas(n-i))
			break
		}
		b.WriteString(next)
	}
	return b.String()
}

func haveOrHas(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}
