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
	Nothing text // shown for a missing value
	Entries []changesetView
	Filter  changesFilter
	Data    link // the whole log
}

// changesFilter is a form that filters the page with a script.
type changesFilter struct {
	Label, Record, Kind, All, Apply, Reset, Status text
	Kinds                                          []badge
}

// changesetView is one changeset.
type changesetView struct {
	ID      string
	When    timestamp
	Label   text
	Short   string
	Bulk    text
	Commits []commitView // of all changes, if they share them
	Changes []changeView
	Omitted text
}

// changeView is one change of a record.
type changeView struct {
	Op          badge
	Record      string // networks/leru
	Sentence    string
	URL         string // of the record's page, if it exists
	Differences []story.Difference
	Commits     []commitView
}

// commitView is a commit with its short hash.
type commitView struct {
	Subject, Author, Short string
	When                   timestamp
}

// maxShownChanges limits the changes on the page, not those in the data.
const maxShownChanges = 500

func (b *build) renderChanges(l *locale) ([]byte, error) {
	p := b.newPageContext(l, b.changesPath(l))
	page := p.newPage(b.changesPath)
	view := changesView{
		Title: p.labelText("changes"), Intro: p.labelText("changes-intro"), None: p.labelText("changes-none"),
		Field: p.labelText("field"), Old: p.labelText("old"), New: p.labelText("new"), Nothing: p.labelText("none"),
		Data: link{Text: p.labelText("changes-data"), URL: p.urlFor("/" + logFile)},
	}
	count := 0
	for _, entry := range b.history.log.Entries {
		if count += len(entry.Changes); count > maxShownChanges && len(view.Entries) > 0 {
			break
		}
		view.Entries = append(view.Entries, p.changesetView(entry))
	}
	view.Filter = p.changesFilter(view.Entries)
	page.Title = view.Title
	page.Description = view.Intro.Body
	page.Crumbs = []link{p.homeLink(), {Text: view.Title}}
	page.Body = view
	p.showChangeset(page)
	return b.executeTemplate("changes.html", page)
}

// changesFilter offers the kinds of the changes on the page.
func (p *pageContext) changesFilter(entries []changesetView) changesFilter {
	filter := changesFilter{
		Label: p.labelText("filter"), Record: p.labelText("filter-record"), Kind: p.labelText("filter-kind"),
		All: p.labelText("all-kinds"), Apply: p.labelText("filter-apply"), Reset: p.labelText("filter-reset"), Status: p.labelText("filter-status-changes"),
	}
	kinds := make(map[string]badge)
	for _, entry := range entries {
		for _, change := range entry.Changes {
			kinds[change.Op.Class] = change.Op
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		filter.Kinds = append(filter.Kinds, kinds[kind])
	}
	return filter
}

func (p *pageContext) changesetView(e logEntry) changesetView {
	_, sequence, _ := strings.Cut(e.Changeset, "@")
	view := changesetView{
		ID:    "c-" + sequence,
		When:  p.formatTime(e.Time),
		Label: p.labelText("changeset"),
		Short: shortChangeset(e.Changeset),
	}
	if len(e.Bulk) > 0 {
		view.Bulk = text{Body: capitalizeFirst(p.newDescriber(p.locale).Tally(e.Bulk)) + "."}
		if e.BulkCommit != nil {
			view.Commits = []commitView{p.commitView(*e.BulkCommit)}
		}
	}
	if e.Omitted > 0 {
		view.Omitted = p.formatLabel("changes-omitted", e.Omitted)
	}
	shared := haveSameCommits(e.Changes)
	if shared && len(e.Bulk) == 0 {
		view.Commits = p.commitViews(e.Changes[0])
	}
	for _, c := range e.Changes {
		change := p.changeView(c)
		if !shared || len(e.Bulk) > 0 {
			change.Commits = p.commitViews(c)
		}
		view.Changes = append(view.Changes, change)
	}
	return view
}

func haveSameCommits(changes []*event.Change) bool {
	for _, c := range changes {
		if !reflect.DeepEqual(c.Commits, changes[0].Commits) {
			return false
		}
	}
	return len(changes) > 0
}

func (p *pageContext) changeView(c *event.Change) changeView {
	d := p.newDescriber(p.locale)
	view := changeView{Op: p.changeKind(c), Record: c.RecordID().String(), Sentence: d.Sentence(c)}
	if p.catalog.cards[c.RecordID()] != nil || c.Op == event.Removed {
		view.URL = p.urlFor(p.recordPath(p.locale, c.RecordID()))
	}
	if c.Op == event.Updated {
		before, _ := c.Before()
		after, _ := c.After()
		view.Differences = d.Differences(before, after)
	}
	return view
}

// changeKind returns the kind of a change. The begin or end of a membership
// takes precedence over an update.
func (p *pageContext) changeKind(c *event.Change) badge {
	if before, ok := c.Before(); ok {
		if after, ok := c.After(); ok {
			switch status, turned := story.MembershipTurn(before, after); {
			case turned && status == schema.Current:
				return badge{p.labelText("membership-began"), "began"}
			case turned && status == schema.Former:
				return badge{p.labelText("membership-ended"), "ended"}
			}
		}
	}
	return badge{p.codeLabel("op", string(c.Op)), string(c.Op)}
}

func (l *locale) commitViews(c *event.Change) []commitView {
	var out []commitView
	for _, commit := range c.Commits {
		out = append(out, l.commitView(commit))
	}
	return out
}

func (l *locale) commitView(c event.Commit) commitView {
	return commitView{c.Subject, c.Author, shortCommit(c.SHA), l.formatTime(c.Time)}
}
