package delivery

import (
	"encoding/json"
	"slices"

	"netsync/schema"
	"netsync/schema/event"
)

// A Filter selects changes. An empty field selects all.
type Filter struct {
	Collections []schema.Collection
	Topics      []string // of the record, before the change or after it
	Ops         []event.Op
	Least       event.Significance // "" means any
}

// Match reports whether the filter selects a change.
func (f Filter) Match(c *event.Change) bool {
	return (len(f.Collections) == 0 || slices.Contains(f.Collections, c.Collection)) &&
		(len(f.Ops) == 0 || slices.Contains(f.Ops, c.Op)) &&
		(f.Least == "" || significanceRank(c.Significance) <= significanceRank(f.Least)) &&
		(len(f.Topics) == 0 || f.onTopic(c.Record) || f.onTopic(c.Previous))
}

func significanceRank(s event.Significance) int { return slices.Index(event.Significances(), s) }

func (f Filter) onTopic(record json.RawMessage) bool {
	var has struct {
		Topics []string `json:"topics"`
	}
	if len(record) == 0 || json.Unmarshal(record, &has) != nil {
		return false
	}
	return slices.ContainsFunc(has.Topics, func(t string) bool { return slices.Contains(f.Topics, t) })
}
