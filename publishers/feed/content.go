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

// parseContent reads the template of an item's content. html/template is what
// escapes: nothing from a record or a commit reaches a reader as markup.
func parseContent() (*template.Template, error) {
	lines := func(s string) []string { return strings.Split(s, "\n") }
	return template.New("content").Funcs(template.FuncMap{"lines": lines}).Parse(contentTemplate)
}

// nothing stands where a field has no value.
const nothing = "–"

// content is what an item tells in full.
type content struct {
	Words       words
	Sentence    string
	Differences []story.Difference
	Commits     []commit
	More        int // commits that are not listed
}

// A commit is one line about a commit.
type commit struct {
	Subject, Author, Day, SHA string
}

func (t teller) contentOf(s source) content {
	c := content{Words: t.words, Sentence: t.sentence(s)}
	if s.Change != nil {
		c.Differences = t.differences(s.Change)
	}
	commits := s.commits()
	c.More = max(len(commits)-maxCommits, 0)
	for _, made := range commits[:len(commits)-c.More] {
		c.Commits = append(c.Commits, commitOf(made))
	}
	return c
}

func commitOf(c event.Commit) commit {
	return commit{
		Subject: clean(story.Shorten(c.Subject, maxSubject)),
		Author:  author(c),
		Day:     c.Time.UTC().Format(time.DateOnly),
		SHA:     clean(c.SHA[:min(len(c.SHA), 7)]),
	}
}

// differences are shown whole within reason; the patch has them all.
func (t teller) differences(c *event.Change) []story.Difference {
	before, _ := c.Before()
	after, _ := c.After()
	all := t.Differences(before, after)
	for i := range all {
		all[i].Old, all[i].New = shown(all[i].Old), shown(all[i].New)
	}
	return all
}

func shown(s string) string {
	s = strings.TrimSpace(clean(s))
	if s == "" {
		return nothing
	}
	if runes := []rune(s); len(runes) > maxValue {
		return string(runes[:maxValue]) + "…"
	}
	return s
}

func (c content) html(t *template.Template) (string, error) {
	var b strings.Builder
	if err := t.Execute(&b, c); err != nil {
		return "", fmt.Errorf("write content of %q: %w", c.Sentence, err)
	}
	return strings.TrimSpace(b.String()), nil
}

// text is the content for readers without HTML.
func (c content) text() string {
	var b strings.Builder
	b.WriteString(c.Sentence + "\n")
	for _, d := range c.Differences {
		fmt.Fprintf(&b, "\n%s\n  %s: %s\n  %s: %s\n", d.Label,
			c.Words.Old, indent(d.Old), c.Words.New, indent(d.New))
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

func indent(s string) string { return strings.ReplaceAll(s, "\n", "\n    ") }

// line is the differences on one line.
func (c content) line() string {
	parts := make([]string, len(c.Differences))
	for i, d := range c.Differences {
		parts[i] = d.Label + ": " + d.Old + " → " + d.New
	}
	return strings.Join(parts, "; ")
}
