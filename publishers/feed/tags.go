package feed

import (
	"encoding/json"
	"maps"
	"slices"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

// itemTags returns the tags of an item, by which readers filter: collection,
// operation, topics, and whether a membership started or ended, or a record was
// renamed. They are ids, the same in every language.
func (r renderer) itemTags(s source) []string {
	switch {
	case s.isBeginning():
		return []string{"begins"}
	case s.Bulk != nil:
		return bulkTags(s.Bulk)
	}
	c := s.Change
	tags := []string{string(c.Collection), string(c.Op)}
	if turn := membershipTag(c); turn != "" {
		tags = append(tags, turn)
	}
	if isRenamed(c) {
		tags = append(tags, "renamed")
	}
	for _, topic := range recordTopics(c) {
		if topic = cleanText(topic); topic != "" && !slices.Contains(tags, topic) {
			tags = append(tags, topic)
		}
	}
	return tags
}

// bulkTags returns the collections and operations of bulk changes, in the order
// of the sentence.
func bulkTags(b *bulkChanges) []string {
	var collections, ops []string
	for _, op := range event.Ops() {
		if len(b.Tally[op]) > 0 {
			ops = append(ops, string(op))
		}
		for _, c := range schema.Collections() {
			if b.Tally[op][c] > 0 && !slices.Contains(collections, string(c)) {
				collections = append(collections, string(c))
			}
		}
	}
	return slices.Concat([]string{"bulk"}, collections, ops)
}

func membershipTag(c *event.Change) string {
	before, _ := c.Before()
	after, _ := c.After()
	status, turned := story.MembershipTurn(before, after)
	switch {
	case turned && status == schema.Current:
		return "membership-started"
	case turned && status == schema.Former:
		return "membership-ended"
	}
	return ""
}

// isRenamed reports whether a change gives a record another name or id.
func isRenamed(c *event.Change) bool {
	if c.ReplacedBy != nil || len(c.Replaces) > 0 {
		return true
	}
	before, existed := c.Before()
	after, exists := c.After()
	return existed && exists && !maps.Equal(namesOf(before), namesOf(after))
}

func namesOf(r schema.Record) schema.Text {
	var named struct {
		Name schema.Text `json:"name"`
	}
	// A record whose name cannot be read has none.
	_ = json.Unmarshal(r.JSON, &named)
	return named.Name
}

// recordTopics returns the topics of the record after the change or, if it was
// removed, before.
func recordTopics(c *event.Change) []string {
	if r, ok := c.After(); ok {
		return linksOf(r.JSON).Topics
	}
	return linksOf(c.Previous).Topics
}
