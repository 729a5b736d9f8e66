package newsletter

import (
	"fmt"
	"strings"

	"netsync/publishers/newsletter/draft"
)

// A digestPage is the page of a sent digest. It shows the draft, so it has
// nothing of a single recipient.
type digestPage struct {
	draft.Page
	Title    string
	Day, ISO string
}

func digestPageOf(d draft.Draft, s Sent) digestPage {
	v := draft.NewPage(d)
	v.NoteHTML = draft.NoteHTML(d.Note)
	return digestPage{v, titleOf(d.ListName, s.Subject), v.DayText(s.Created), s.Created.UTC().Format("2006-01-02")}
}

// titleOf returns a subject without the name of the list.
func titleOf(list, subject string) string {
	title := strings.TrimPrefix(draft.SingleLine(subject), list+": ")
	if title == "" {
		return list
	}
	return title
}

// An archiveList is the page that lists all sent digests.
type archiveList struct {
	draft.Page
	About string
	Years []archiveYear // newest first
}

type archiveYear struct {
	Year    int
	Digests []sentDigest
}

func archiveListOf(d draft.Draft, all []sentDigest) archiveList {
	v := archiveList{Page: draft.NewPage(d)}
	v.About = fmt.Sprintf(v.Phrases.About, d.ListName)
	for _, p := range all {
		y := p.Created.UTC().Year()
		if last := len(v.Years) - 1; last < 0 || v.Years[last].Year != y {
			v.Years = append(v.Years, archiveYear{Year: y})
		}
		last := &v.Years[len(v.Years)-1]
		last.Digests = append(last.Digests, p)
	}
	return v
}

// A frontPage is the first page of the newsletter, with the latest digests.
type frontPage struct {
	draft.Page
	About  string
	Latest []sentDigest
}

const maxLatest = 10

func frontPageOf(d draft.Draft, all []sentDigest) frontPage {
	v := draft.NewPage(d)
	return frontPage{v, fmt.Sprintf(v.Phrases.About, d.ListName), all[:min(len(all), maxLatest)]}
}
