package draft

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// PlainText returns the message as plain text, with the same content as the
// HTML.
func (v Page) PlainText() string {
	var b strings.Builder
	b.WriteString(TextHeading(v.ListName, "="))
	if v.Empty {
		b.WriteString(v.Nothing + "\n\n")
	} else {
		b.WriteString(v.Period + "\n\n")
	}
	if v.Note != "" {
		b.WriteString("\n" + noteText(v.Note) + "\n\n")
	}
	for _, s := range v.Sections {
		b.WriteString("\n" + TextHeading(s.Title, "-"))
		for _, i := range s.Items {
			b.WriteString(v.itemText(i) + "\n")
		}
	}
	if v.More != "" {
		b.WriteString(v.More + "\n\n")
	}
	fmt.Fprintf(&b, "%s: %s\n\n-- \n%s\n", v.AllChanges, v.Changes, v.Why)
	if l := v.Links; l != nil {
		fmt.Fprintf(&b, "%s: %s\n%s: %s\n", v.ChangeLabel, l.Preferences, v.LeaveLabel, l.Unsubscribe)
	}
	return b.String()
}

func TextHeading(s, mark string) string {
	return s + "\n" + strings.Repeat(mark, utf8.RuneCountInString(s)) + "\n\n"
}

func (v Page) itemText(i Item) string {
	var b strings.Builder
	b.WriteString("* " + i.Sentence + "\n")
	if i.Summary != "" {
		b.WriteString("  " + i.Summary + "\n")
	}
	for _, d := range i.Shown() {
		fmt.Fprintf(&b, "  - %s\n    %s: %s\n    %s: %s\n", d.Label, v.Was, v.Or(d.Old), v.Phrases.Now, v.Or(d.New))
	}
	if i.Omitted > 0 {
		b.WriteString("  - " + v.Omitted(i.Omitted) + "\n")
	}
	for _, c := range i.Commits {
		b.WriteString("  " + c.Line() + "\n")
	}
	b.WriteString("  " + i.URL + "\n")
	return b.String()
}

// Or returns a value, or the text for no value.
func (v Page) Or(value string) string {
	if value == "" {
		return v.NoValue
	}
	return value
}

// Omitted returns the text for a number of omitted differences.
func (v Page) Omitted(n int) string { return fmt.Sprintf(v.MoreFields, n) }

// Line returns a commit on one line: subject, author and day, as far as known.
func (c Commit) Line() string {
	byline := strings.Trim(c.Author+", "+c.Day, ", ")
	if c.Subject == "" {
		return byline
	}
	return c.Subject + " (" + byline + ")"
}

// noteText returns a note as plain text, without a line that looks like the
// start of a signature (RFC 3676 §4.3).
func noteText(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.Join(lines, "\n")
}
