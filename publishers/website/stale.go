package website

import (
	"encoding/json"
	"slices"

	"netsync/publishers"
	"netsync/schema"
)

// A staleSet is what an edition may have changed on the site. Every other page
// is unchanged.
type staleSet struct {
	everything bool
	// networksChanged is set when a network or a related record has changed.
	networksChanged bool
	records         map[schema.RecordID]bool // the pages of these records
	lists           map[string]*stalePages
	parts           map[part]bool
	words           map[string]bool // of the search index
	images          map[string]schema.Digest
}

// A part is the records of a collection in one bucket of the state's digest.
type part struct {
	collection schema.Collection
	bucket     int
}

// stalePages are the pages of a list that are stale.
type stalePages struct {
	pages    map[int]bool
	fromPage int // first of the pages that are stale to the end; 0 if none
	oldCount int // pages before the update
}

func (p *stalePages) isStale(page int) bool {
	return p.pages[page] || (p.fromPage > 0 && page >= p.fromPage)
}

func newStaleSet() *staleSet {
	return &staleSet{
		records: make(map[schema.RecordID]bool),
		lists:   make(map[string]*stalePages),
		parts:   make(map[part]bool),
		words:   make(map[string]bool),
		images:  make(map[string]schema.Digest),
	}
}

// newFullStaleSet returns the stale set of a site that is built from scratch.
func (b *build) newFullStaleSet() *staleSet {
	s := newStaleSet()
	s.everything, s.networksChanged = true, true
	for id, card := range b.catalog.cards {
		s.records[id] = true
		s.markImages(b.catalog, nil, card)
		s.parts[part{id.Collection, schema.BucketOf(id)}] = true
		for _, alias := range card.aliases {
			if old := (schema.RecordID{Collection: id.Collection, ID: alias}); old.Valid() {
				s.records[old] = true
			}
		}
	}
	for id := range b.history.removed {
		s.records[id] = true
	}
	for _, vocabulary := range vocabularies {
		for _, term := range b.allTerms(vocabulary) {
			s.lists[termList(vocabulary, term)] = &stalePages{fromPage: 1}
		}
	}
	for _, c := range schema.Collections() {
		s.lists[string(c)] = &stalePages{fromPage: 1}
	}
	s.lists[formerList] = &stalePages{fromPage: 1}
	return s
}

// update applies an edition to the catalog and returns what it makes stale.
func (c *catalog) update(e publishers.Edition) (*staleSet, error) {
	s := newStaleSet()
	large := c.fileLayout()
	seen := make(map[schema.RecordID]bool)
	for _, entry := range e.Entries {
		for _, change := range entry.Changes {
			id := change.RecordID()
			if seen[id] {
				continue
			}
			seen[id] = true
			var after *card
			if record, ok := e.State.Get(id); ok {
				var err error
				if after, err = newCard(e.Manifest, record); err != nil {
					return nil, err
				}
			}
			s.applyChange(c, id, after)
		}
	}
	c.manifest = e.Manifest
	// Data files, search index and sitemap are split in another way.
	s.everything = s.everything || large != c.fileLayout()
	return s, nil
}

// fileLayout reports how the data, the search index and the sitemap are split
// into files.
func (c *catalog) fileLayout() (forms [5]bool) {
	for n, collection := range schema.Collections() {
		forms[n] = c.isSplit(collection)
	}
	forms[3] = len(c.cards) <= c.limits.indexFile
	forms[4] = c.hasOneSitemap()
	return forms
}

// applyChange replaces a record's card in the catalog and marks what that
// makes stale. The new card is nil if the record was removed.
func (s *staleSet) applyChange(c *catalog, id schema.RecordID, after *card) {
	before := c.cards[id]
	s.savePageCounts(c, before, after)
	s.markPages(c, before)
	c.putCard(id, after)
	s.markPages(c, after)
	s.markShiftedPages(before, after)
	s.records[id] = true
	s.parts[part{id.Collection, schema.BucketOf(id)}] = true
	s.markNeighbours(c, id, before, after)
	s.networksChanged = s.networksChanged || id.Collection == schema.Networks || before.describeAppearance() != after.describeAppearance() ||
		!slices.Equal(before.listReferences(), after.listReferences())
	s.everything = s.everything || (id == institutionID(c.manifest) && before.describeAppearance() != after.describeAppearance())
	for _, card := range []*card{before, after} {
		for _, alias := range card.aliasIDs() {
			s.records[alias] = true
		}
	}
	s.markSearchIndex(c, before, after)
	s.markImages(c, before, after)
}

// institutionID returns the id of the institution, whose name all pages show.
func institutionID(m *schema.Manifest) schema.RecordID {
	return schema.RecordID{Collection: schema.Organizations, ID: m.Institution}
}

// describeAppearance returns what pages of other records show of this one.
func (c *card) describeAppearance() string {
	if c == nil {
		return ""
	}
	name, err := json.Marshal(c.name)
	if err != nil {
		panic(err) // a map of strings always has a JSON form
	}
	return string(name) + c.acronym + "\x00" + c.status + "\x00" + c.kind + "\x00" + c.country
}

func (c *card) listReferences() []ref {
	if c == nil {
		return nil
	}
	return c.refs
}

func (c *card) aliasIDs() []schema.RecordID {
	if c == nil {
		return nil
	}
	var all []schema.RecordID
	for _, alias := range c.aliases {
		if id := (schema.RecordID{Collection: c.id.Collection, ID: alias}); id.Valid() {
			all = append(all, id)
		}
	}
	return all
}

// markNeighbours marks the records whose pages show this one: all of them if
// its appearance changed, else those that it began or ceased to refer to.
func (s *staleSet) markNeighbours(c *catalog, id schema.RecordID, before, after *card) {
	all := before.describeAppearance() != after.describeAppearance()
	for _, ref := range before.listReferences() {
		if all || !slices.Contains(after.listReferences(), ref) {
			s.records[ref.to] = true
		}
	}
	for _, ref := range after.listReferences() {
		if all || !slices.Contains(before.listReferences(), ref) {
			s.records[ref.to] = true
		}
	}
	if all {
		for _, m := range c.incoming[id] {
			s.records[m.by] = true
		}
	}
}

// savePageCounts records how many pages the lists of the cards have before
// they change.
func (s *staleSet) savePageCounts(c *catalog, cards ...*card) {
	for _, card := range cards {
		if card == nil {
			continue
		}
		for _, list := range card.listNames() {
			if s.lists[list] == nil {
				s.lists[list] = &stalePages{pages: make(map[int]bool), oldCount: c.limits.pageCount(len(c.lists[list]))}
			}
		}
	}
}

// markPages marks the list pages that currently show a card.
func (s *staleSet) markPages(c *catalog, card *card) {
	if card == nil {
		return
	}
	for _, list := range card.listNames() {
		s.lists[list].pages[c.positionInList(list, card)/c.limits.listPage+1] = true
	}
}

// markShiftedPages marks the list pages behind a card that was added, removed
// or moved.
func (s *staleSet) markShiftedPages(before, after *card) {
	if before != nil && after != nil && before.sortName == after.sortName && before.order == after.order &&
		slices.Equal(before.listNames(), after.listNames()) {
		return
	}
	for _, card := range []*card{before, after} {
		if card == nil {
			continue
		}
		for _, list := range card.listNames() {
			pages := s.lists[list]
			first := slices.Min(pageNumbers(pages.pages))
			if pages.fromPage == 0 || first < pages.fromPage {
				pages.fromPage = first
			}
		}
	}
}

func pageNumbers(set map[int]bool) []int {
	all := make([]int, 0, len(set))
	for n := range set {
		all = append(all, n)
	}
	return all
}
