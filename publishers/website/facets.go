package website

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// vocabularies are those of the manifest, in the order in which readers are
// offered them.
var vocabularies = []string{"purposes", "topics", "regions"}

// A facetView offers the terms of a vocabulary, with how many records have
// them.
type facetView struct {
	ID    string // purposes
	Title text
	Terms []facetTerm
	All   text // what a filter says that leaves nothing out
}

// A facetTerm is a term that at least one record has.
type facetTerm struct {
	link
	Value    string // purposes/advocacy
	Networks int
}

// filterView is the form that narrows a page's list where scripts may run.
type filterView struct {
	Label  text
	Search text
	Apply  text
	Reset  text
	Status text // "%d of %d shown", for scripts to fill in
	Facets []facetView
}

// facets are the vocabularies with terms that are in use.
func (s *sheet) facets() []facetView {
	var all []facetView
	for _, vocabulary := range vocabularies {
		facet := facetView{ID: vocabulary, Title: s.say(vocabulary), Terms: s.facetTerms(vocabulary), All: s.say("all." + vocabulary)}
		if len(facet.Terms) > 0 {
			all = append(all, facet)
		}
	}
	return all
}

// facetTerms are the terms in use by their labels.
func (s *sheet) facetTerms(vocabulary string) []facetTerm {
	var all []facetTerm
	for term := range s.manifest.Vocabularies.Terms(vocabulary) {
		list := s.catalog.lists[termList(vocabulary, term)]
		if len(list) == 0 {
			continue
		}
		shown := facetTerm{link: s.term(vocabulary, term), Value: termList(vocabulary, term)}
		shown.Note = s.count(len(list), false)
		shown.Networks = networksIn(list)
		all = append(all, shown)
	}
	slices.SortFunc(all, func(a, b facetTerm) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Text.Body), strings.ToLower(b.Text.Body)), strings.Compare(a.Value, b.Value))
	})
	return all
}

// networksIn counts the networks of a list, which come first in it.
func networksIn(list []*card) int {
	n, _ := slices.BinarySearchFunc(list, 1, func(c *card, to int) int { return cmp.Compare(rank(c), to) })
	return n
}

// filter offers those terms that networks have, since it narrows a list of
// networks.
func (s *sheet) filter(facets []facetView) filterView {
	view := filterView{Label: s.say("filter"), Search: s.say("filter-text"), Apply: s.say("filter-apply"), Reset: s.say("filter-reset"), Status: s.say("filter-status")}
	for _, facet := range facets {
		facet.Terms = slices.DeleteFunc(slices.Clone(facet.Terms), func(t facetTerm) bool { return t.Networks == 0 })
		if len(facet.Terms) > 1 {
			view.Facets = append(view.Facets, facet)
		}
	}
	return view
}

// allTerms are the terms of a vocabulary, sorted.
func (i *issue) allTerms(vocabulary string) []string {
	return slices.Sorted(maps.Keys(i.edition.Manifest.Vocabularies.Terms(vocabulary)))
}
