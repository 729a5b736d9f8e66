package website

import (
	"reflect"
	"strings"

	"netsync/schema/describe"
	"netsync/schema/event"
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
	Sentence    string
	URL         string // of the record's page, where there is one
	Differences []describe.Difference
	Commits     []commitView
}

// commitView is a commit as a maintainer would name it.
type commitView struct {
	Subject, Author, Short string
	When                   moment
}

func (i *issue) changes(v *voice) ([]byte, error) {
	page := i.page(v, i.changesPath)
	view := changesView{
		Title: v.say("changes"), Intro: v.say("changes-intro"), None: v.say("changes-none"),
		Field: v.say("field"), Old: v.say("old"), New: v.say("new"), Nothing: v.say("none"),
	}
	for _, entry := range i.log.Entries {
		view.Entries = append(view.Entries, i.changeset(v, entry))
	}
	page.Title = view.Title
	page.Description = view.Intro.Body
	page.Body = view
	i.showChangeset(&page, v)
	return i.execute("changes.html", page)
}

func (i *issue) changeset(v *voice, e logEntry) changesetView {
	_, sequence, _ := strings.Cut(e.Changeset, "@")
	view := changesetView{
		ID:    "c-" + sequence,
		When:  v.moment(e.Time),
		Label: v.say("changeset"),
		Short: shortChangeset(e.Changeset),
	}
	if len(e.Bulk) > 0 {
		view.Bulk = text{Body: capital(i.describer(v).Tally(e.Bulk)) + "."}
		if e.BulkCommit != nil {
			view.Commits = []commitView{v.commit(*e.BulkCommit)}
		}
	}
	if e.Omitted > 0 {
		view.Omitted = v.sayf("changes-omitted", e.Omitted)
	}
	shared := sameCommits(e.Changes)
	if shared && len(e.Bulk) == 0 {
		view.Commits = v.commits(e.Changes[0])
	}
	for _, c := range e.Changes {
		change := i.change(v, c)
		if !shared || len(e.Bulk) > 0 {
			change.Commits = v.commits(c)
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

func (i *issue) change(v *voice, c *event.Change) changeView {
	d := i.describer(v)
	view := changeView{
		Op:       badge{v.code("op", string(c.Op)), string(c.Op)},
		Sentence: d.Sentence(c),
	}
	if i.catalog.has(c.RecordID()) {
		view.URL = i.addresses.local(i.recordPath(v, c.RecordID()))
	}
	if c.Op == event.Updated {
		before, _ := c.Before()
		after, _ := c.After()
		view.Differences = d.Differences(before, after)
	}
	return view
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
