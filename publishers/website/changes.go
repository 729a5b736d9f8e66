package website

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

// changesView is the log of changes in words.
type changesView struct {
	Title   text
	Intro   text
	None    text
	Field   text
	Old     text
	New     text
	Nothing text // stands for a value that is not there
	Entries []changesetView
	Filter  changesFilter
	Data    link // all that the page has, and more
}

// changesFilter is the form that narrows the page where scripts may run.
type changesFilter struct {
	Label, Record, Kind, All, Apply, Reset, Status text
	Kinds                                          []badge
}

// changesetView is one changeset.
type changesetView struct {
	ID      string
	When    moment
	Label   text
	Short   string
	Bulk    text
	Commits []commitView // of all changes, where they share them
	Changes []changeView
	Omitted text
}

// changeView is one change of a record.
type changeView struct {
	Op          badge
	Record      string // networks/leru
	Sentence    string
	URL         string // of the record's page, where there is one
	Differences []story.Difference
	Commits     []commitView
}

// commitView is a commit as a maintainer would name it.
type commitView struct {
	Subject, Author, Short string
	When                   moment
}

// maxShown is how many changes the page shows. The log as data has more.
const maxShown = 500

func (i *issue) changes(v *voice) ([]byte, error) {
	s := i.sheet(v, i.changesPath(v))
	page := s.page(i.changesPath)
	view := changesView{
		Title: s.say("changes"), Intro: s.say("changes-intro"), None: s.say("changes-none"),
		Field: s.say("field"), Old: s.say("old"), New: s.say("new"), Nothing: s.say("none"),
		Data: link{Text: s.say("changes-data"), URL: s.to("/" + logFile)},
	}
	shown := 0
	for _, entry := range i.history.log.Entries {
		if shown += len(entry.Changes); shown > maxShown && len(view.Entries) > 0 {
			break
		}
		view.Entries = append(view.Entries, s.changeset(entry))
	}
	view.Filter = s.changesFilter(view.Entries)
	page.Title = view.Title
	page.Description = view.Intro.Body
	page.Crumbs = []link{s.home(), {Text: view.Title}}
	page.Body = view
	s.showChangeset(page)
	return i.execute("changes.html", page)
}

// changesFilter offers the kinds of changes that the page shows.
func (s *sheet) changesFilter(entries []changesetView) changesFilter {
	filter := changesFilter{
		Label: s.say("filter"), Record: s.say("filter-record"), Kind: s.say("filter-kind"),
		All: s.say("all-kinds"), Apply: s.say("filter-apply"), Reset: s.say("filter-reset"), Status: s.say("filter-status-changes"),
	}
	there := make(map[string]badge)
	for _, entry := range entries {
		for _, change := range entry.Changes {
			there[change.Op.Class] = change.Op
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(there)) {
		filter.Kinds = append(filter.Kinds, there[kind])
	}
	return filter
}

func (s *sheet) changeset(e logEntry) changesetView {
	_, sequence, _ := strings.Cut(e.Changeset, "@")
	view := changesetView{
		ID:    "c-" + sequence,
		When:  s.moment(e.Time),
		Label: s.say("changeset"),
		Short: shortChangeset(e.Changeset),
	}
	if len(e.Bulk) > 0 {
		view.Bulk = text{Body: capital(s.describer(s.voice).Tally(e.Bulk)) + "."}
		if e.BulkCommit != nil {
			view.Commits = []commitView{s.commit(*e.BulkCommit)}
		}
	}
	if e.Omitted > 0 {
		view.Omitted = s.sayf("changes-omitted", e.Omitted)
	}
	shared := sameCommits(e.Changes)
	if shared && len(e.Bulk) == 0 {
		view.Commits = s.commits(e.Changes[0])
	}
	for _, c := range e.Changes {
		change := s.change(c)
		if !shared || len(e.Bulk) > 0 {
			change.Commits = s.commits(c)
		}
		view.Changes = append(view.Changes, change)
	}
	return view
}

func sameCommits(changes []*event.Change) bool {
	for _, c := range changes {
		if !reflect.DeepEqual(c.Commits, changes[0].Commits) {
			return false
		}
	}
	return len(changes) > 0
}

func (s *sheet) change(c *event.Change) changeView {
	d := s.describer(s.voice)
	view := changeView{Op: s.kindOfChange(c), Record: c.RecordID().String(), Sentence: d.Sentence(c)}
	if s.catalog.cards[c.RecordID()] != nil || c.Op == event.Removed {
		view.URL = s.to(s.recordPath(s.voice, c.RecordID()))
	}
	if c.Op == event.Updated {
		before, _ := c.Before()
		after, _ := c.After()
		view.Differences = d.Differences(before, after)
	}
	return view
}

// kindOfChange is what was done to a record; that a membership began or ended
// says more than that the record was edited.
func (s *sheet) kindOfChange(c *event.Change) badge {
	if before, ok := c.Before(); ok {
		if after, ok := c.After(); ok {
			switch status, turned := story.MembershipTurn(before, after); {
			case turned && status == schema.Current:
				return badge{s.say("membership-began"), "began"}
			case turned && status == schema.Former:
				return badge{s.say("membership-ended"), "ended"}
			}
		}
	}
	return badge{s.code("op", string(c.Op)), string(c.Op)}
}

func (v *voice) commits(c *event.Change) []commitView {
	var out []commitView
	for _, commit := range c.Commits {
		out = append(out, v.commit(commit))
	}
	return out
}

func (v *voice) commit(c event.Commit) commitView {
	return commitView{c.Subject, c.Author, shortCommit(c.SHA), v.moment(c.Time)}
}
