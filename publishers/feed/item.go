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

// An item is an item of a feed, independent of the format. All fields but HTML
// are plain text; none holds control characters.
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

// A renderer renders items and feed headers in one language.
type renderer struct {
	story.Describer
	words
	dataset string
	baseURL string // of the website, without a trailing slash
	hubURL  string
	content *template.Template
}

func (r renderer) buildItem(s source) (item, error) {
	c := r.contentOf(s)
	html, err := c.renderHTML(r.content)
	if err != nil {
		return item{}, err
	}
	return item{
		ID:        r.itemID(s),
		URL:       r.itemURL(s),
		Title:     c.Sentence,
		Summary:   cleanText(r.itemSummary(s, c)),
		HTML:      cleanText(html),
		Text:      cleanText(c.renderText()),
		Published: feedTime(s.Time),
		Authors:   r.authorNames(s.allCommits()),
		Tags:      r.itemTags(s),
		Source:    s,
	}, nil
}

// itemTitle returns the title of an item.
func (r renderer) itemTitle(s source) string {
	switch {
	case s.isBeginning():
		return fmt.Sprintf(r.Begins, r.datasetTitle())
	case s.Bulk != nil:
		return r.Tally(s.Bulk.Tally)
	}
	return cleanText(r.Sentence(s.Change))
}

// itemSummary returns a line for below the title: the changed fields, the
// summary of a new record or, without either, the subject of a commit.
func (r renderer) itemSummary(s source, c content) string {
	line := ""
	if s.Change != nil && s.Change.Op == event.Updated {
		line = c.summaryLine()
	} else if s.Change != nil {
		line = r.recordSummary(s.Change)
	}
	if line == "" && len(c.Commits) > 0 {
		line = c.Commits[0].Subject
	}
	return story.Shorten(line, maxSummary)
}

func (r renderer) recordSummary(c *event.Change) string {
	record, _ := c.After()
	v, err := record.Value()
	if err != nil {
		return "" // it was removed
	}
	text := make(schema.Text)
	m, _ := v["summary"].(map[string]any)
	for language, s := range m {
		text[language], _ = s.(string)
	}
	return r.Describer.Text(text)
}

// authorNames returns the distinct authors of the commits in their order or, if
// there is none, the publisher.
func (r renderer) authorNames(commits []event.Commit) []string {
	var names []string
	seen := make(map[string]bool)
	for _, commit := range commits {
		if name := authorName(commit); name != "" && !seen[name] && len(names) < maxCommits {
			names = append(names, name)
			seen[name] = true
		}
	}
	if len(names) == 0 {
		return []string{r.publisherName()}
	}
	return names
}

func authorName(c event.Commit) string { return cleanText(story.Shorten(c.Author, maxName)) }

// publisherName returns the name of the institution or, if the manifest has
// none, the title of the dataset.
func (r renderer) publisherName() string {
	if id := r.Manifest.Institution; id != "" {
		return cleanText(r.Reference(schema.RecordID{Collection: schema.Organizations, ID: id}))
	}
	return r.datasetTitle()
}

// datasetTitle returns the title of the dataset or, without one, its id.
func (r renderer) datasetTitle() string {
	if title := cleanText(r.Describer.Text(r.Manifest.Title)); title != "" {
		return title
	}
	return r.dataset
}

// cleanText replaces characters that XML does not allow (XML 1.0 §2.2) or that
// nobody can read: control characters other than tab and newline, invalid UTF-8
// and noncharacters.
func cleanText(s string) string {
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
