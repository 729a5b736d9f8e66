package draft

import (
	"fmt"
	"slices"
	"strings"

	"netsync/schema/story"
)

const (
	maxSubject = 150
	maxNames   = 3 // in a subject
)

// subjectLine returns the subject of a draft: "Networks and associations: 1
// change to Una Europa".
func (c Composer) subjectLine(d Draft) string {
	clauses := c.subjectClauses(d)
	if len(clauses) == 0 {
		clauses = []string{c.SubjectNone}
	}
	return story.Shorten(SingleLine(d.ListName+": "+strings.Join(clauses, "; ")), maxSubject)
}

func (c Composer) subjectClauses(d Draft) []string {
	var added, changed, removed, bulk subjectGroup
	for _, s := range d.Sections {
		for _, i := range s.Items {
			switch {
			case s.Key == sectionBulk:
				bulk.add(i)
			case s.Key == sectionRemoved:
				removed.add(i)
			case i.isNew:
				added.add(i)
			default:
				changed.add(i)
			}
		}
	}
	clauses := bulk.names
	if added.count > 0 {
		clauses = append(clauses, fmt.Sprintf(c.SubjectNew, c.joinNames(added.names)))
	}
	switch {
	case changed.count == 1:
		clauses = append(clauses, fmt.Sprintf(c.SubjectChange, c.joinNames(changed.names)))
	case changed.count > 1:
		clauses = append(clauses, fmt.Sprintf(c.SubjectChanges, changed.count, c.joinNames(changed.names)))
	}
	if removed.count > 0 {
		clauses = append(clauses, fmt.Sprintf(c.SubjectRemoved, c.joinNames(removed.names)))
	}
	return clauses
}

// A subjectGroup is a group of items in a subject.
type subjectGroup struct {
	names []string
	count int
}

func (c *subjectGroup) add(i Item) {
	c.count += i.count
	if !slices.Contains(c.names, i.name) {
		c.names = append(c.names, i.name)
	}
}

// joinNames joins names: "A, B, C and 2 more".
func (c Composer) joinNames(names []string) string {
	if rest := len(names) - maxNames; rest > 0 {
		names = append(slices.Clone(names[:maxNames]), fmt.Sprintf(c.SubjectOthers, rest))
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + c.SubjectAnd + names[last]
}
