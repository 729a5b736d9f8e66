package feed

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

// Lengths in an item, in characters and lines.
const (
	maxName    = 200
	maxSubject = 200
	maxSummary = 300
	maxValue   = 4000
	maxCommits = 20
)

// An item is what a reader sees, in no format yet. All of it but HTML is
// plain text; none of it holds control characters.
type item struct {
	ID, URL    string
	Title      string
	Summary    string
	HTML, Text string
	Published  time.Time
	Authors    []string
	Tags       []string
	Source     source
}

// A teller puts items into words, in one language.
type teller struct {
	story.Describer
	words
	dataset string
	base    string // address of the website, without a slash at the end
	hub     string
	content *template.Template
}

func (t teller) item(s source) (item, error) {
	c := t.contentOf(s)
	html, err := c.html(t.content)
	if err != nil {
		return item{}, err
	}
	return item{
		ID:        t.itemID(s),
		URL:       t.itemURL(s),
		Title:     c.Sentence,
		Summary:   clean(t.summary(s, c)),
		HTML:      clean(html),
		Text:      clean(c.text()),
		Published: moment(s.Time),
		Authors:   t.authors(s.commits()),
		Tags:      t.tags(s),
		Source:    s,
	}, nil
}

// sentence is the item's title.
func (t teller) sentence(s source) string {
	switch {
	case s.begins():
		return fmt.Sprintf(t.Begins, t.title())
	case s.Bulk != nil:
		return t.Tally(s.Bulk.Tally)
	}
	return clean(t.Sentence(s.Change))
}

// summary is one line more than the title: what changed or, of a record that
// is new, what it is.
func (t teller) summary(s source, c content) string {
	line := ""
	if s.Change != nil && s.Change.Op == event.Updated {
		line = c.line()
	} else if s.Change != nil {
		line = t.recordSummary(s.Change)
	}
	if line == "" && len(c.Commits) > 0 {
		line = c.Commits[0].Subject
	}
	return story.Shorten(line, maxSummary)
}

func (t teller) recordSummary(c *event.Change) string {
	r, _ := c.After()
	v, err := r.Value()
	if err != nil {
		return "" // it was removed
	}
	text := make(schema.Text)
	m, _ := v["summary"].(map[string]any)
	for language, s := range m {
		text[language], _ = s.(string)
	}
	return t.Describer.Text(text)
}

// authors are those of the commits, newest first, each once; for want of any,
// the institution.
func (t teller) authors(commits []event.Commit) []string {
	var names []string
	seen := make(map[string]bool)
	for _, commit := range commits {
		if name := author(commit); name != "" && !seen[name] && len(names) < maxCommits {
			names = append(names, name)
			seen[name] = true
		}
	}
	if len(names) == 0 {
		return []string{t.publisher()}
	}
	return names
}

func author(c event.Commit) string { return clean(story.Shorten(c.Author, maxName)) }

// publisher is who stands behind the feed as a whole.
func (t teller) publisher() string {
	if id := t.Manifest.Institution; id != "" {
		return clean(t.Reference(schema.RecordID{Collection: schema.Organizations, ID: id}))
	}
	return t.title()
}

// title is the dataset's.
func (t teller) title() string {
	if title := clean(t.Describer.Text(t.Manifest.Title)); title != "" {
		return title
	}
	return t.dataset
}

// clean replaces what has no place in a text that people read, and in XML no
// place at all (XML 1.0 §2.2): control characters other than tab and newline,
// and what is not a character.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0xfffe, r == 0xffff:
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
