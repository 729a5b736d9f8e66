package story

import (
	"fmt"
	"strings"

	"netsync/schema"
	"netsync/schema/event"
)

// A Tally counts changes by operation and collection. It is what remains of a
// bulk changeset, whose changes may be too many to keep.
type Tally map[event.Op]map[schema.Collection]int

// Count counts changes, without the republished ones.
func Count(changes []*event.Change) Tally {
	t := make(Tally)
	for _, c := range changes {
		if c.Republished {
			continue
		}
		if t[c.Op] == nil {
			t[c.Op] = make(map[schema.Collection]int)
		}
		t[c.Op][c.Collection]++
	}
	return t
}

// Bulk says on one line what a bulk changeset brought. Without its changes,
// the changeset's own counts tell less.
func (d Describer) Bulk(cs *event.Changeset, changes []*event.Change) string {
	if len(changes) > 0 || cs == nil {
		return d.Tally(Count(changes))
	}
	t := make(Tally)
	for op, n := range cs.Counts {
		t[op] = map[schema.Collection]int{"": n}
	}
	return d.Tally(t)
}

// Tally says on one line how much changed: "8 networks and 1 organization
// were added; 1 activity was removed".
func (d Describer) Tally(t Tally) string {
	var clauses []string
	for _, op := range event.Ops() {
		if clause := d.clause(op, t[op]); clause != "" {
			clauses = append(clauses, clause)
		}
	}
	if len(clauses) == 0 {
		return d.phrase("nothing")
	}
	return strings.Join(clauses, "; ")
}

func (d Describer) clause(op event.Op, counts map[schema.Collection]int) string {
	var words []string
	total := 0
	for _, c := range append(schema.Collections(), "") {
		if n := counts[c]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, d.noun(c, n)))
			total += n
		}
	}
	if total == 0 {
		return ""
	}
	return d.join(words) + " " + d.phrase("verbs."+string(op)+"."+pluralForm(total))
}

func (d Describer) join(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + d.phrase("and") + words[last]
}
