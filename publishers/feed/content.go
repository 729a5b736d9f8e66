package feed

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"time"

	"netsync/schema/event"
	"netsync/schema/story"
)

//go:embed content.html.tmpl
var contentTemplate string

// parseContent parses the template of an item's content. html/template escapes
// all text of records and commits.
func parseContent() (*template.Template, error) {
	lines := func(s string) []string { return strings.Split(s, "\n") }
	return template.New("content").Funcs(template.FuncMap{"lines": lines}).Parse(contentTemplate)
}

// noValue is shown for a field without a value.
const noValue = "–"

// content is the body of an item.
type content struct {
	Words       words
	Sentence    string
	Differences []story.Difference
	Commits     []commit
	More        int // number of commits not in Commits
}

// A commit is the line about a commit in an item.
type commit struct {
	Subject, Author, Day, SHA string
}

func (r renderer) contentOf(s source) content {
	c := content{Words: r.words, Sentence: r.itemTitle(s)}
	if s.Change != nil {
		c.Differences = r.listDifferences(s.Change)
	}
	commits := s.allCommits()
	c.More = max(len(commits)-maxCommits, 0)
	for _, commit := range commits[:len(commits)-c.More] {
		c.Commits = append(c.Commits, commitOf(commit))
	}
	return c
}

func commitOf(c event.Commit) commit {
	return commit{
		Subject: cleanText(story.Shorten(c.Subject, maxSubject)),
		Author:  authorName(c),
		Day:     c.Time.UTC().Format(time.DateOnly),
		SHA:     cleanText(c.SHA[:min(len(c.SHA), 7)]),
	}
}

// listDifferences returns the changed fields of a record, with long values cut;
// the item's patch is complete.
func (r renderer) listDifferences(c *event.Change) []story.Difference {
	before, _ := c.Before()
	after, _ := c.After()
	all := r.Differences(before, after)
	for i := range all {
		all[i].Old, all[i].New = shortenValue(all[i].Old), shortenValue(all[i].New)
	}
	return all
}

func shortenValue(s string) string {
	s = strings.TrimSpace(cleanText(s))
	if s == "" {
		return noValue
	}
	if runes := []rune(s); len(runes) > maxValue {
		return string(runes[:maxValue]) + "…"
	}
	return s
}

func (c content) renderHTML(t *template.Template) (string, error) {
	var b strings.Builder
	if err := t.Execute(&b, c); err != nil {
		return "", fmt.Errorf("write content of %q: %w", c.Sentence, err)
	}
	return strings.TrimSpace(b.String()), nil
}

// renderText returns the content as plain text.
func (c content) renderText() string {
	var b strings.Builder
	b.WriteString(c.Sentence + "\n")
	for _, d := range c.Differences {
		fmt.Fprintf(&b, "\n%s\n  %s: %s\n  %s: %s\n", d.Label,
			c.Words.Old, indentLines(d.Old), c.Words.New, indentLines(d.New))
	}
	if len(c.Commits) > 0 {
		b.WriteString("\n" + c.Words.Commits + "\n")
	}
	for _, m := range c.Commits {
		fmt.Fprintf(&b, "  %s (%s, %s, %s)\n", m.Subject, m.Author, m.Day, m.SHA)
	}
	if c.More > 0 {
		fmt.Fprintf(&b, "  "+c.Words.More+"\n", c.More)
	}
	return strings.TrimSpace(b.String())
}

func indentLines(s string) string { return strings.ReplaceAll(s, "\n", "\n    ") }

// summaryLine returns the differences on one line.
func (c content) summaryLine() string {
	parts := make([]string, len(c.Differences))
	for i, d := range c.Differences {
		parts[i] = d.Label + ": " + d.Old + " → " + d.New
	}
	return strings.Join(parts, "; ")
}
