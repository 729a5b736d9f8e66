package story

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"netsync/schema"
	"netsync/schema/event"
)

// Lengths in a sentence, in characters and labels.
const (
	sentenceValue  = 80
	sentenceLabels = 5
)

// Sentence says on one line what happened to a record.
func (d Describer) Sentence(c *event.Change) string {
	before, _ := c.Before()
	after, _ := c.After()
	switch {
	case c.Republished:
		return d.phrasef("again", d.changed(c))
	case c.Op == event.Created:
		return d.phrasef("added", d.changed(c))
	case c.Op == event.Restored:
		return d.phrasef("restored", d.changed(c))
	case c.Op == event.Removed:
		return d.removed(c)
	}
	return d.Updated(before, after)
}

// changed returns the name of the record of a change, on one line.
func (d Describer) changed(c *event.Change) string {
	r, ok := c.After()
	if !ok {
		r, _ = c.Before()
	}
	r.ID = c.RecordID()
	return Shorten(d.Name(r), sentenceValue)
}

func (d Describer) removed(c *event.Change) string {
	name := d.changed(c)
	if c.ReplacedBy == nil {
		return d.phrasef("removed", name)
	}
	by := d.Reference(schema.RecordID{Collection: c.Collection, ID: *c.ReplacedBy})
	return d.phrasef("replaced", name, Shorten(by, sentenceValue))
}

// Updated says on one line how a record came from one published form to
// another.
func (d Describer) Updated(before, after schema.Record) string {
	name := Shorten(d.Name(after), sentenceValue)
	differences := d.Differences(before, after)
	if s, ok := d.membership(name, before, after); ok {
		rest := slices.DeleteFunc(differences, func(x Difference) bool {
			return strings.HasPrefix(x.Pointer, "/membership/")
		})
		return s + d.more(rest)
	}
	switch len(differences) {
	case 0:
		return d.phrasef("again", name)
	case 1:
		x := differences[0]
		return d.phrasef("of", x.Label, name, d.shown(x.Old), d.shown(x.New))
	default:
		return d.phrasef("changes", name, len(differences), labels(differences))
	}
}

// membership says that a membership started or ended, where it did.
func (d Describer) membership(name string, before, after schema.Record) (sentence string, ok bool) {
	status, turned := MembershipTurn(before, after)
	key := "membership." + string(status)
	if !turned || d.phrase(key) == "" {
		return "", false
	}
	return d.phrasef(key, name), true
}

// MembershipTurn returns the status that a membership came to. Turned is false
// where it is the same in both published forms, or where one of them has
// none.
func MembershipTurn(before, after schema.Record) (status schema.Status, turned bool) {
	old := valueOf(before).at("membership").at("status")
	now := valueOf(after).at("membership").at("status")
	s, ok := now.json.(string)
	return schema.Status(s), ok && old.there && !old.same(now)
}

func (d Describer) more(rest []Difference) string {
	switch len(rest) {
	case 0:
		return ""
	case 1:
		return d.phrasef("moreOne", labels(rest))
	default:
		return d.phrasef("more", len(rest), labels(rest))
	}
}

func (d Describer) shown(s string) string {
	if s = Shorten(s, sentenceValue); s == "" {
		return d.phrase("none")
	}
	return s
}

// labels lists what changed, each once.
func labels(differences []Difference) string {
	var all []string
	for _, x := range differences {
		if label := lower(Shorten(x.Label, sentenceValue)); !slices.Contains(all, label) {
			all = append(all, label)
		}
	}
	if len(all) > sentenceLabels {
		all = append(all[:sentenceLabels], "…")
	}
	return strings.Join(all, ", ")
}

// lower begins a label with a small letter, unless it is an acronym.
func lower(label string) string {
	first, n := utf8.DecodeRuneInString(label)
	second, _ := utf8.DecodeRuneInString(label[n:])
	if unicode.IsUpper(second) {
		return label
	}
	return string(unicode.ToLower(first)) + label[n:]
}
