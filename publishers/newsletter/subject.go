package newsletter

import (
	"fmt"
	"slices"
	"strings"

	"netsync/schema/story"
)

const (
	maxSubject = 150
	maxNames   = 3 // that a subject lists
)

// subject tells what is inside: "Networks and associations: 1 change to Una
// Europa".
func (t teller) subject(d draft) string {
	clauses := t.clauses(d)
	if len(clauses) == 0 {
		clauses = []string{t.SubjectNone}
	}
	return story.Shorten(line(d.ListName+": "+strings.Join(clauses, "; ")), maxSubject)
}

func (t teller) clauses(d draft) []string {
	var fresh, changed, gone, bulk tally
	for _, s := range d.Sections {
		for _, i := range s.Items {
			switch {
			case s.Key == sectionBulk:
				bulk.add(i)
			case s.Key == sectionRemoved:
				gone.add(i)
			case i.isNew:
				fresh.add(i)
			default:
				changed.add(i)
			}
		}
	}
	clauses := bulk.names
	if fresh.count > 0 {
		clauses = append(clauses, fmt.Sprintf(t.SubjectNew, t.list(fresh.names)))
	}
	switch {
	case changed.count == 1:
		clauses = append(clauses, fmt.Sprintf(t.SubjectChange, t.list(changed.names)))
	case changed.count > 1:
		clauses = append(clauses, fmt.Sprintf(t.SubjectChanges, changed.count, t.list(changed.names)))
	}
	if gone.count > 0 {
		clauses = append(clauses, fmt.Sprintf(t.SubjectRemoved, t.list(gone.names)))
	}
	return clauses
}

// A tally is what a subject says of some items.
type tally struct {
	names []string
	count int
}

func (c *tally) add(i item) {
	c.count += i.count
	if !slices.Contains(c.names, i.name) {
		c.names = append(c.names, i.name)
	}
}

// list joins names: "A, B, C and 2 more".
func (t teller) list(names []string) string {
	if rest := len(names) - maxNames; rest > 0 {
		names = append(slices.Clone(names[:maxNames]), fmt.Sprintf(t.SubjectOthers, rest))
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + t.SubjectAnd + names[last]
}
