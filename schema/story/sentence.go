package story

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"netsync/schema"
	"netsync/schema/event"
)

// Limits in a sentence, in characters and labels.
const (
	sentenceValue  = 80
	sentenceLabels = 5
)

// Sentence describes a change of a record on one line.
func (d Describer) Sentence(c *event.Change) string {
	before, _ := c.Before()
	after, _ := c.After()
	switch {
	case c.Republished:
		return d.formatPhrase("again", d.recordName(c))
	case c.Op == event.Created:
		return d.formatPhrase("added", d.recordName(c))
	case c.Op == event.Restored:
		return d.formatPhrase("restored", d.recordName(c))
	case c.Op == event.Removed:
		return d.removalSentence(c)
	}
	return d.Updated(before, after)
}

// recordName returns the name of a change's record, on one line.
func (d Describer) recordName(c *event.Change) string {
	r, ok := c.After()
	if !ok {
		r, _ = c.Before()
	}
	r.ID = c.RecordID()
	return Shorten(d.Name(r), sentenceValue)
}

func (d Describer) removalSentence(c *event.Change) string {
	name := d.recordName(c)
	if c.ReplacedBy == nil {
		return d.formatPhrase("removed", name)
	}
	by := d.Reference(schema.RecordID{Collection: c.Collection, ID: *c.ReplacedBy})
	return d.formatPhrase("replaced", name, Shorten(by, sentenceValue))
}

// Updated describes an update of a record on one line.
func (d Describer) Updated(before, after schema.Record) string {
	name := Shorten(d.Name(after), sentenceValue)
	differences := d.Differences(before, after)
	if s, ok := d.membershipSentence(name, before, after); ok {
		rest := slices.DeleteFunc(differences, func(x Difference) bool {
			return strings.HasPrefix(x.Pointer, "/membership/")
		})
		return s + d.moreText(rest)
	}
	switch len(differences) {
	case 0:
		return d.formatPhrase("again", name)
	case 1:
		x := differences[0]
		return d.formatPhrase("of", x.Label, name, d.shortValue(x.Old), d.shortValue(x.New))
	default:
		return d.formatPhrase("changes", name, len(differences), fieldLabels(differences))
	}
}

// membershipSentence describes the start or end of a membership, if there is
// one.
func (d Describer) membershipSentence(name string, before, after schema.Record) (sentence string, ok bool) {
	status, turned := MembershipTurn(before, after)
	key := "membership." + string(status)
	if !turned || d.phraseFor(key) == "" {
		return "", false
	}
	return d.formatPhrase(key, name), true
}

// MembershipTurn returns the new status of a membership. turned is false if the
// status did not change, or one of the records has none.
func MembershipTurn(before, after schema.Record) (status schema.Status, turned bool) {
	old := valueOf(before).valueAt("membership").valueAt("status")
	now := valueOf(after).valueAt("membership").valueAt("status")
	s, ok := now.json.(string)
	return schema.Status(s), ok && old.isSet && !old.isEqual(now)
}

func (d Describer) moreText(rest []Difference) string {
	switch len(rest) {
	case 0:
		return ""
	case 1:
		return d.formatPhrase("moreOne", fieldLabels(rest))
	default:
		return d.formatPhrase("more", len(rest), fieldLabels(rest))
	}
}

func (d Describer) shortValue(s string) string {
	if s = Shorten(s, sentenceValue); s == "" {
		return d.phraseFor("none")
	}
	return s
}

// fieldLabels returns the distinct labels of differences.
func fieldLabels(differences []Difference) string {
	var all []string
	for _, x := range differences {
		if label := lowerFirst(Shorten(x.Label, sentenceValue)); !slices.Contains(all, label) {
			all = append(all, label)
		}
	}
	if len(all) > sentenceLabels {
		all = append(all[:sentenceLabels], "…")
	}
	return strings.Join(all, ", ")
}

// lowerFirst returns a label with a lower-case first letter, unless it is an
// acronym.
func lowerFirst(label string) string {
	first, n := utf8.DecodeRuneInString(label)
	second, _ := utf8.DecodeRuneInString(label[n:])
	if unicode.IsUpper(second) {
		return label
	}
	return string(unicode.ToLower(first)) + label[n:]
}
