package feed

import (
	"encoding/json"
	"slices"

	"netsync/schema"
	"netsync/schema/describe"
	"netsync/schema/event"
)

// tags lets readers filter: collection, operation, topics, and whether a
// membership started or ended. They are ids, the same in every language.
func (t teller) tags(s source) []string {
	if s.Bulk != nil {
		return bulkTags(s.Bulk)
	}
	c := s.Change
	tags := []string{string(c.Collection), string(c.Op)}
	if turn := membershipTag(c); turn != "" {
		tags = append(tags, turn)
	}
	for _, topic := range topics(c) {
		if topic = clean(topic); !slices.Contains(tags, topic) {
			tags = append(tags, topic)
		}
	}
	return tags
}

// bulkTags lists what a bulk changeset has some of, in the order in which the
// sentence tells it.
func bulkTags(b *bulk) []string {
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
	status, turned := describe.MembershipTurn(before, after)
	switch {
	case turned && status == schema.Current:
		return "membership-started"
	case turned && status == schema.Former:
		return "membership-ended"
	}
	return ""
}

func topics(c *event.Change) []string {
	r, ok := c.After()
	if !ok {
		r, _ = c.Before()
	}
	var v struct {
		Topics []string `json:"topics"`
	}
	// A record without topics that can be read has none.
	_ = json.Unmarshal(r.JSON, &v)
	return v.Topics
}
