package feed

import (
	"slices"
	"time"

	"netsync/publishers"
	"netsync/schema/event"
	"netsync/schema/story"
)

// A source is the input of one item: a change, bulk changes or, with neither, the
// beginning of a feed.
type source struct {
	Changeset string
	Time      time.Time
	Change    *event.Change
	Bulk      *bulkChanges
	Scope     scope // of the feed, unless there is a Change
}

// bulkChanges summarizes many changes in one item.
type bulkChanges struct {
	Tally        story.Tally
	Significance event.Significance // the highest
	Commits      []event.Commit     // newest first
}

func (s source) isBeginning() bool { return s.Change == nil && s.Bulk == nil }

func (s source) allCommits() []event.Commit {
	switch {
	case s.Bulk != nil:
		return s.Bulk.Commits
	case s.Change != nil:
		return s.Change.Commits
	}
	return nil
}

// sourcesByScope returns the sources of a changeset's items in each feed: one
// for all bulk changes, then one for each other change, in stream order. It
// omits changes below least, but not their scopes, so their feeds are created.
// The scopes of all changes and of major changes are always present.
func sourcesByScope(entry publishers.Entry, least event.Significance) map[scope][]source {
	bulk := make(map[scope][]*event.Change)
	single := map[scope][]source{allChanges: nil, majorOnly: nil}
	for _, c := range entry.Changes {
		if c.Republished {
			continue
		}
		for _, s := range scopesOf(c) {
			items := single[s]
			switch {
			case !atLeast(c.Significance, least):
			case c.Bulk:
				bulk[s] = append(bulk[s], c)
			default:
				items = append(items, changeSource(entry, c))
			}
			single[s] = items
		}
	}
	for s, changes := range bulk {
		first := changeSource(entry, changes[0])
		if len(changes) > 1 {
			first = source{Changeset: entry.Changeset.ID, Time: entry.Time, Bulk: collectBulk(changes), Scope: s}
		}
		single[s] = append([]source{first}, single[s]...)
	}
	return single
}

func changeSource(entry publishers.Entry, c *event.Change) source {
	return source{Changeset: entry.Changeset.ID, Time: entry.Time, Change: c}
}

func atLeast(s, least event.Significance) bool {
	all := event.Significances() // highest first
	return slices.Index(all, s) <= slices.Index(all, least)
}

func collectBulk(changes []*event.Change) *bulkChanges {
	b := &bulkChanges{Tally: story.Count(changes), Significance: event.Trivial}
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
