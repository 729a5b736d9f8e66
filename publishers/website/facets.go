package website

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// vocabularies are those of the manifest, in the order that pages list them.
var vocabularies = []string{"purposes", "topics", "regions"}

// A facetView lists the terms of a vocabulary, with numbers of records.
type facetView struct {
	ID    string // purposes
	Title text
	Terms []facetTerm
	All   text // the option that filters nothing
}

// A facetTerm is a term that at least one record has.
type facetTerm struct {
	link
	Value    string // purposes/advocacy
	Networks int
}

// filterView is a form that filters a page's list with a script.
type filterView struct {
	Label  text
	Search text
	Apply  text
	Reset  text
	Status text // "%d of %d shown", formatted by the script
	Facets []facetView
}

// facetViews returns the vocabularies that have terms in use.
func (p *pageContext) facetViews() []facetView {
	var all []facetView
	for _, vocabulary := range vocabularies {
		facet := facetView{ID: vocabulary, Title: p.labelText(vocabulary), Terms: p.facetTerms(vocabulary), All: p.labelText("all." + vocabulary)}
		if len(facet.Terms) > 0 {
			all = append(all, facet)
		}
	}
	return all
}

// facetTerms returns a vocabulary's terms in use, sorted by label.
func (p *pageContext) facetTerms(vocabulary string) []facetTerm {
	var all []facetTerm
	for term := range p.manifest.Vocabularies.Terms(vocabulary) {
		list := p.catalog.lists[termList(vocabulary, term)]
		if len(list) == 0 {
			continue
		}
		facet := facetTerm{link: p.termLink(vocabulary, term), Value: termList(vocabulary, term)}
		facet.Note = p.formatCount(len(list), false)
		facet.Networks = countNetworks(list)
		all = append(all, facet)
	}
	slices.SortFunc(all, func(a, b facetTerm) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Text.Body), strings.ToLower(b.Text.Body)), strings.Compare(a.Value, b.Value))
	})
	return all
}

// countNetworks counts the networks of a list, in which they come first.
func countNetworks(list []*card) int {
	n, _ := slices.BinarySearchFunc(list, 1, func(c *card, to int) int { return cmp.Compare(collectionRank(c), to) })
	return n
}

// filterView returns a filter for a list of networks, with their terms.
func (p *pageContext) filterView(facets []facetView) filterView {
	view := filterView{Label: p.labelText("filter"), Search: p.labelText("filter-text"), Apply: p.labelText("filter-apply"), Reset: p.labelText("filter-reset"), Status: p.labelText("filter-status")}
	for _, facet := range facets {
		facet.Terms = slices.DeleteFunc(slices.Clone(facet.Terms), func(t facetTerm) bool { return t.Networks == 0 })
		if len(facet.Terms) > 1 {
			view.Facets = append(view.Facets, facet)
		}
	}
	return view
}

// allTerms returns the sorted terms of a vocabulary.
func (b *build) allTerms(vocabulary string) []string {
	return slices.Sorted(maps.Keys(b.edition.Manifest.Vocabularies.Terms(vocabulary)))
}
