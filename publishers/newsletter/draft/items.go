package draft

import (
	"slices"
	"strings"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

const (
	maxName       = 60
	maxCommitLine = 120
	shownWhole    = 80 // maximum length of a value that a sentence shows completely
)

// newItem returns the item of a net change.
func (c Composer) newItem(n story.NetChange) Item {
	i := Item{URL: c.itemURL(n), Differences: []Difference{}, Commits: listCommits(n.Changes), count: 1}
	i.Sentence = story.Shorten(SingleLine(c.itemSentence(n)), maxSentence)
	i.name = story.Shorten(SingleLine(c.nameOf(n)), maxName)
	switch opOf(n) {
	case event.Updated:
		c.addDifferences(&i, n)
	case event.Created, event.Restored:
		i.isNew, i.Summary = true, c.recordSummary(n.After)
	}
	return i
}

func (c Composer) itemSentence(n story.NetChange) string {
	op := opOf(n)
	if op == event.Updated {
		return c.Updated(n.Before, n.After)
	}
	last := *n.Changes[len(n.Changes)-1]
	last.Op, last.Republished = op, false
	if op == event.Removed {
		last.Previous, last.PreviousDigest = n.Before.JSON, &n.Before.Digest
	}
	return c.Sentence(&last)
}

func (c Composer) nameOf(n story.NetChange) string {
	if n.HasAfter {
		return c.Name(n.After)
	}
	return c.Name(n.Before)
}

// addDifferences adds the differences to an item, shortened to one line.
func (c Composer) addDifferences(i *Item, n story.NetChange) {
	all := c.Differences(n.Before, n.After)
	i.count = max(len(all), 1)
	_, turned := story.MembershipTurn(n.Before, n.After)
	i.InSentence = len(all) == 1 && !turned && isShort(all[0].Old) && isShort(all[0].New)
	i.Omitted = max(len(all)-maxDifferences, 0)
	for _, d := range all[:len(all)-i.Omitted] {
		i.Differences = append(i.Differences, Difference{
			story.Shorten(SingleLine(d.Label), maxValue), story.Shorten(SingleLine(d.Old), maxValue), story.Shorten(SingleLine(d.New), maxValue)})
	}
}

func isShort(s string) bool { return story.Shorten(s, shownWhole) == s }

// recordSummary returns the summary of a new record.
func (c Composer) recordSummary(r schema.Record) string {
	v, err := r.Value()
	if err != nil {
		return ""
	}
	text := make(schema.Text)
	m, _ := v["summary"].(map[string]any)
	for language, s := range m {
		text[language], _ = s.(string)
	}
	return story.Shorten(SingleLine(c.Describer.Text(text)), maxSummary)
}

// listCommits returns the distinct commits of changes, newest first.
func listCommits(changes []*event.Change) []Commit {
	out := []Commit{}
	seen := make(map[string]bool)
	for _, c := range slices.Backward(changes) {
		for _, made := range c.Commits {
			if seen[made.SHA] || len(out) == maxCommits {
				continue
			}
			seen[made.SHA] = true
			out = append(out, commitOf(made))
		}
	}
	return out
}

func commitOf(c event.Commit) Commit {
	return Commit{
		SHA:     SingleLine(c.SHA[:min(len(c.SHA), 10)]),
		Author:  story.Shorten(SingleLine(c.Author), maxName),
		Day:     c.Time.UTC().Format(time.DateOnly),
		Subject: story.Shorten(SingleLine(c.Subject), maxCommitLine),
	}
}

// itemURL returns the page that an item links to: the record's or, if it is
// removed, that of its replacement or the page of changes.
func (c Composer) itemURL(n story.NetChange) string {
	ids := []schema.RecordID{n.ID}
	if by := n.Changes[len(n.Changes)-1].ReplacedBy; by != nil {
		ids = append(ids, schema.RecordID{Collection: n.ID.Collection, ID: *by})
	}
	for _, id := range ids {
		if _, ok := c.State.Get(id); ok {
			return c.base + publishers.PagePath(c.Manifest, c.Language, id)
		}
	}
	return c.changesURL()
}

func (c Composer) changesURL() string { return changesURL(c.homeURL()) }

func changesURL(home string) string { return home + "changes/" }

func (c Composer) homeURL() string { return c.base + publishers.LanguagePath(c.Manifest, c.Language) }

// SingleLine returns a text on one line, without characters that are not
// allowed in a header or message: control characters, line separators,
// bidirectional controls and noncharacters.
func SingleLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085' {
			return ' '
		}
		return PrintableRune(r)
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// PrintableRune returns r if it is printable, its replacement, or a negative
// value to remove it.
func PrintableRune(r rune) rune {
	switch {
	case r < ' ', r >= 0x7f && r < 0xa0, r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return '\uFFFD'
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff':
		return -1
	}
	return r
}
