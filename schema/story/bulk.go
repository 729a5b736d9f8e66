package story

import (
	"fmt"
	"strings"

	"netsync/schema"
	"netsync/schema/event"
)

// A Tally counts changes by operation and collection. It summarizes a bulk
// changeset, whose changes may be too many to keep.
type Tally map[event.Op]map[schema.Collection]int

// Count counts changes, except republished ones.
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

// Bulk describes a bulk changeset on one line. Without its changes it uses the
// changeset's counts, which do not tell the collections.
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

// Tally describes counts on one line: "8 networks and 1 organization were
// added; 1 activity was removed".
func (d Describer) Tally(t Tally) string {
	var clauses []string
	for _, op := range event.Ops() {
		if clause := d.countClause(op, t[op]); clause != "" {
			clauses = append(clauses, clause)
		}
	}
	if len(clauses) == 0 {
		return d.phraseFor("nothing")
	}
	return strings.Join(clauses, "; ")
}

func (d Describer) countClause(op event.Op, counts map[schema.Collection]int) string {
	var words []string
	total := 0
	for _, c := range append(schema.Collections(), "") {
		if n := counts[c]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, d.collectionNoun(c, n)))
			total += n
		}
	}
	if total == 0 {
		return ""
	}
	return d.joinWords(words) + " " + d.phraseFor("verbs."+string(op)+"."+pluralForm(total))
}

func (d Describer) joinWords(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + d.phraseFor("and") + words[last]
}
