package newsletter

import (
	"fmt"
	"strings"
)

// A digestPage is the page of a sent digest. It shows the draft, so it has
// nothing of a single recipient.
type digestPage struct {
	page
	Title    string
	Day, ISO string
}

func digestPageOf(d draft, s Sent) digestPage {
	v := viewOf(d)
	v.NoteHTML = noteHTML(d.Note)
	return digestPage{v, titleOf(d.ListName, s.Subject), v.dayText(s.Created), s.Created.UTC().Format("2006-01-02")}
}

// titleOf returns a subject without the name of the list.
func titleOf(list, subject string) string {
	title := strings.TrimPrefix(singleLine(subject), list+": ")
	if title == "" {
		return list
	}
	return title
}

// An archiveList is the page that lists all sent digests.
type archiveList struct {
	page
	About string
	Years []archiveYear // newest first
}

type archiveYear struct {
	Year    int
	Digests []sentDigest
}

func archiveListOf(d draft, all []sentDigest) archiveList {
	v := archiveList{page: viewOf(d)}
	v.About = fmt.Sprintf(v.phrases.About, d.ListName)
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
	page
	About  string
	Latest []sentDigest
}

const maxLatest = 10

func frontPageOf(d draft, all []sentDigest) frontPage {
	v := viewOf(d)
	return frontPage{v, fmt.Sprintf(v.phrases.About, d.ListName), all[:min(len(all), maxLatest)]}
}
