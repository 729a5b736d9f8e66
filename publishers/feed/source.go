package feed

import (
	"slices"
	"time"

	"netsync/publishers"
	"netsync/schema/event"
	"netsync/schema/story"
)

// A source is what one item is made of: a change, many changes together or,
// with neither, the beginning of a feed.
type source struct {
	Changeset string
	Time      time.Time
	Change    *event.Change
	Bulk      *bulk
	Scope     scope // of the feed, unless there is a Change
}

// A bulk is what remains of many changes.
type bulk struct {
	Tally        story.Tally
	Significance event.Significance // the greatest
	Commits      []event.Commit     // newest first
}

func (s source) begins() bool { return s.Change == nil && s.Bulk == nil }

func (s source) commits() []event.Commit {
	switch {
	case s.Bulk != nil:
		return s.Bulk.Commits
	case s.Change != nil:
		return s.Change.Commits
	}
	return nil
}

// sourcesOf returns the items that a changeset comes to in each feed, in
// stream order: one for each change, after one for all bulk changes together.
// Changes below the significance are left out; the feeds they belong to are
// there all the same, and so are those of everything and of what matters most.
func sourcesOf(entry publishers.Entry, least event.Significance) map[scope][]source {
	many := make(map[scope][]*event.Change)
	single := map[scope][]source{everything: nil, majorOnly: nil}
	for _, c := range entry.Changes {
		if c.Republished {
			continue
		}
		for _, s := range scopesOf(c) {
			items := single[s]
			switch {
			case !atLeast(c.Significance, least):
			case c.Bulk:
				many[s] = append(many[s], c)
			default:
				items = append(items, changed(entry, c))
			}
			single[s] = items
		}
	}
	for s, changes := range many {
		first := changed(entry, changes[0])
		if len(changes) > 1 {
			first = source{Changeset: entry.Changeset.ID, Time: entry.Time, Bulk: bulkOf(changes), Scope: s}
		}
		single[s] = append([]source{first}, single[s]...)
	}
	return single
}

func changed(entry publishers.Entry, c *event.Change) source {
	return source{Changeset: entry.Changeset.ID, Time: entry.Time, Change: c}
}

func atLeast(s, least event.Significance) bool {
	all := event.Significances() // from the greatest
	return slices.Index(all, s) <= slices.Index(all, least)
}

func bulkOf(changes []*event.Change) *bulk {
	b := &bulk{Tally: story.Count(changes), Significance: event.Trivial}
	seen := make(map[string]bool)
	for _, c := range changes {
		if atLeast(c.Significance, b.Significance) {
			b.Significance = c.Significance
		}
		for _, commit := range c.Commits {
			if !seen[commit.SHA] {
				b.Commits = append(b.Commits, commit)
			}
			seen[commit.SHA] = true
		}
	}
	slices.SortStableFunc(b.Commits, func(x, y event.Commit) int { return y.Time.Compare(x.Time) })
	return b
}
