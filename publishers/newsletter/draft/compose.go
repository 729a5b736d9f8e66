package draft

import (
	"encoding/json"
	"slices"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

// Limits of a digest: lengths in characters, and the total size in bytes of
// plain text, so that mail servers and the broker accept it.
const (
	MaxTitle       = 80
	maxSentence    = 300
	maxSummary     = 300
	maxValue       = 300
	maxDifferences = 12
	maxItems       = 150
	maxBytes       = 64 << 10
	bytesAnItem    = 200 // of markup, for each item, difference and commit
)

// Keys of sections, in their order.
const (
	sectionBulk        = "bulk"
	sectionNew         = "new"
	sectionMemberships = "memberships"
	sectionKey         = "key-networks"
	sectionOther       = "other"
	sectionRemoved     = "removed"
)

func sectionKeys() []string {
	return []string{sectionBulk, sectionNew, sectionMemberships, sectionKey, sectionOther, sectionRemoved}
}

// A Composer composes drafts in one language.
type Composer struct {
	story.Describer
	Phrases
	base string // URL of the website, without a trailing slash
}

// NewComposer returns a composer for a language of the dataset.
func NewComposer(e publishers.Edition, base, language string) Composer {
	return Composer{
		Describer: story.Describer{Manifest: e.Manifest, State: e.State, Language: language},
		Phrases:   PhrasesIn(language),
		base:      base,
	}
}

// Compose composes a draft of the pending changes, with the editor's note by
// language. It depends on pending, notes, manifest and state only. A draft with only a
// note counts as empty.
func (c Composer) Compose(p Pending, notes map[string]string) Draft {
	d := Draft{
		Dataset: p.Position.Dataset, Language: c.Language, Languages: c.Manifest.Languages, Home: c.homeURL(), ListName: c.listTitle(p),
		FromSequence: p.From, ToSequence: p.Position.Sequence, Changeset: p.Position.Changeset, Epoch: p.Position.Epoch,
	}
	d.Sections, d.More = c.fillSections(c.listItems(p))
	d.Empty = len(d.Sections) == 0
	d.Note = notes[c.Language]
	if last := len(p.Entries) - 1; !d.Empty {
		d.Period = c.periodText(p.Entries[0].Time, p.Entries[last].Time)
	}
	d.Subject = c.subjectLine(d)
	return d
}

func (c Composer) listTitle(p Pending) string {
	if title := story.Shorten(SingleLine(c.Describer.Text(c.Manifest.Title)), MaxTitle); title != "" {
		return title
	}
	return p.Position.Dataset
}

// listItems returns the items of pending changes by section.
func (c Composer) listItems(p Pending) map[string][]Item {
	items := make(map[string][]Item)
	for _, e := range p.Entries {
		if len(e.Bulk) > 0 {
			items[sectionBulk] = append(items[sectionBulk], c.bulkItem(*e))
		}
	}
	for _, net := range inOrder(story.Net(p.AllChanges())) {
		key := sectionOf(net)
		items[key] = append(items[key], c.newItem(net))
	}
	return items
}

// inOrder sorts networks before organizations before activities.
func inOrder(changes []story.NetChange) []story.NetChange {
	order := schema.Collections()
	slices.SortStableFunc(changes, func(a, b story.NetChange) int {
		return slices.Index(order, a.ID.Collection) - slices.Index(order, b.ID.Collection)
	})
	return changes
}

// sectionOf returns the section of a net change.
func sectionOf(n story.NetChange) string {
	switch {
	case !n.HasAfter:
		return sectionRemoved
	case !n.HasBefore && n.ID.Collection != schema.Organizations:
		return sectionNew
	case !n.HasBefore:
		return sectionOther
	case isMembershipTurn(n):
		return sectionMemberships
	case networkTier(n.After) == "key":
		return sectionKey
	}
	return sectionOther
}

// isMembershipTurn reports whether a membership began or ended.
func isMembershipTurn(n story.NetChange) bool {
	status, turned := story.MembershipTurn(n.Before, n.After)
	return turned && (status == schema.Current || status == schema.Former)
}

func networkTier(r schema.Record) string {
	var network struct {
		Tier string `json:"tier"`
	}
	_ = json.Unmarshal(r.JSON, &network) // a record that cannot be decoded has none
	return network.Tier
}

// fillSections fills sections up to the limits. more is the number of omitted
// items.
func (c Composer) fillSections(items map[string][]Item) (sections []Section, more int) {
	sections = []Section{}
	free, remaining := maxBytes, maxItems
	for _, key := range sectionKeys() {
		s := Section{Key: key, Title: c.Section[key]}
		for _, i := range items[key] {
			if free -= i.sizeEstimate(); free < 0 || remaining == 0 {
				more++
				free = 0 // omit smaller later items, too
				remaining = 0
				continue
			}
			remaining--
			s.Items = append(s.Items, i)
		}
		if len(s.Items) > 0 {
			sections = append(sections, s)
		}
	}
	return sections, more
}

// sizeEstimate returns the approximate size of an item in a message.
func (i Item) sizeEstimate() int {
	n := bytesAnItem + len(i.Sentence) + len(i.URL) + len(i.Summary)
	for _, d := range i.Differences {
		n += bytesAnItem + len(d.Label) + len(d.Old) + len(d.New)
	}
	for _, c := range i.Commits {
		n += bytesAnItem + len(c.SHA) + len(c.Author) + len(c.Subject)
	}
	return n
}

func (c Composer) bulkItem(e Entry) Item {
	total := 0
	for _, counts := range e.Bulk {
		for _, n := range counts {
			total += n
		}
	}
	sentence := SingleLine(c.Tally(e.Bulk))
	return Item{Sentence: sentence, URL: c.changesURL(), Differences: []Difference{}, Commits: []Commit{}, count: total, name: sentence}
}

// opOf returns the operation of a net change.
func opOf(n story.NetChange) event.Op {
	switch {
	case !n.HasAfter:
		return event.Removed
	case n.HasBefore:
		return event.Updated
	case n.Changes[0].Op == event.Restored:
		return event.Restored
	}
	return event.Created
}
