package newsletter

import (
	"fmt"
	"strings"
)

// A leaf is the page of one digest that was sent. It shows the draft that the
// messages were made of, and so nothing that one reader has and others have not.
type leaf struct {
	page
	Title    string
	Day, ISO string
}

func leafOf(d draft, s Sent) leaf {
	v := viewOf(d)
	v.NoteHTML = noteHTML(d.Note)
	return leaf{v, titleOf(d.ListName, s.Subject), v.day(s.Created), s.Created.UTC().Format("2006-01-02")}
}

// titleOf is a subject without the name of the list, which is on every page.
func titleOf(list, subject string) string {
	title := strings.TrimPrefix(line(subject), list+": ")
	if title == "" {
		return list
	}
	return title
}

// A catalogue is the page of all digests that were sent.
type catalogue struct {
	page
	About string
	Years []year // newest first
}

type year struct {
	Year    int
	Digests []past
}

func archiveOf(d draft, all []past) catalogue {
	v := catalogue{page: viewOf(d)}
	v.About = fmt.Sprintf(v.phrases.About, d.ListName)
	for _, p := range all {
		y := p.Created.UTC().Year()
		if last := len(v.Years) - 1; last < 0 || v.Years[last].Year != y {
			v.Years = append(v.Years, year{Year: y})
		}
		last := &v.Years[len(v.Years)-1]
		last.Digests = append(last.Digests, p)
	}
	return v
}

// A front is the first page of the newsletter. It lists the latest digests.
type front struct {
	page
	About  string
	Latest []past
}

const maxLatest = 10

func frontOf(d draft, all []past) front {
	v := viewOf(d)
	return front{v, fmt.Sprintf(v.phrases.About, d.ListName), all[:min(len(all), maxLatest)]}
}
