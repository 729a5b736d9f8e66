package website

import (
	"encoding/json"
	"slices"

	"netsync/publishers"
	"netsync/schema"
)

// due is what an edition may have changed on the site: a page that is not due
// is the same as before.
type due struct {
	everything bool
	// networks says that something about a network, or what belongs to one,
	// is different.
	networks bool
	records  map[schema.RecordID]bool // their pages, or what stands in their place
	lists    map[string]*listPages
	parts    map[part]bool
	words    map[string]bool // of the search index
	images   map[string]schema.Digest
}

// A part is a share of a collection: the records in one bucket of the state's
// digest.
type part struct {
	collection schema.Collection
	bucket     int
}

// listPages are the pages of a list that are due.
type listPages struct {
	some map[int]bool
	from int // this one and all behind it; 0 means none
	last int // how many pages there were
}

func (l *listPages) includes(page int) bool { return l.some[page] || (l.from > 0 && page >= l.from) }

func newDue() *due {
	return &due{
		records: make(map[schema.RecordID]bool),
		lists:   make(map[string]*listPages),
		parts:   make(map[part]bool),
		words:   make(map[string]bool),
		images:  make(map[string]schema.Digest),
	}
}

// all is due for a whole site.
func (i *issue) all() *due {
	d := newDue()
	d.everything, d.networks = true, true
	for id, card := range i.catalog.cards {
		d.records[id] = true
		d.pictured(i.catalog, nil, card)
		d.parts[part{id.Collection, schema.BucketOf(id)}] = true
		for _, alias := range card.aliases {
			if old := (schema.RecordID{Collection: id.Collection, ID: alias}); old.Valid() {
				d.records[old] = true
			}
		}
	}
	for id := range i.history.removed {
		d.records[id] = true
	}
	for _, vocabulary := range vocabularies {
		for _, term := range i.allTerms(vocabulary) {
			d.lists[termList(vocabulary, term)] = &listPages{from: 1}
		}
	}
	for _, c := range schema.Collections() {
		d.lists[string(c)] = &listPages{from: 1}
	}
	d.lists[formerList] = &listPages{from: 1}
	return d
}

// update brings the catalog up to date with an edition and says what is due.
func (c *catalog) update(e publishers.Edition) (*due, error) {
	d := newDue()
	large := c.sizes()
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
			d.changed(c, id, after)
		}
	}
	c.manifest = e.Manifest
	// Data files, the index of the search, and the sitemap are cut up otherwise.
	d.everything = d.everything || large != c.sizes()
	return d, nil
}

// sizes says in what form the data, the index and the sitemap of a catalog are.
func (c *catalog) sizes() (forms [5]bool) {
	for n, collection := range schema.Collections() {
		forms[n] = c.large(collection)
	}
	forms[3] = len(c.cards) <= c.limits.oneIndex
	forms[4] = c.oneSitemap()
	return forms
}

// changed brings the catalog up to date with a record's new card, nil where it
// is gone, and notes what that touches.
func (d *due) changed(c *catalog, id schema.RecordID, after *card) {
	before := c.cards[id]
	d.lengths(c, before, after)
	d.positions(c, before)
	c.put(id, after)
	d.positions(c, after)
	d.shifts(before, after)
	d.records[id] = true
	d.parts[part{id.Collection, schema.BucketOf(id)}] = true
	d.neighbours(c, id, before, after)
	d.networks = d.networks || id.Collection == schema.Networks || before.looks() != after.looks() ||
		!slices.Equal(before.relations(), after.relations())
	d.everything = d.everything || (id == institution(c.manifest) && before.looks() != after.looks())
	for _, card := range []*card{before, after} {
		for _, alias := range card.oldIDs() {
			d.records[alias] = true
		}
	}
	d.searched(c, before, after)
	d.pictured(c, before, after)
}

// institution is whose name stands on all pages.
func institution(m *schema.Manifest) schema.RecordID {
	return schema.RecordID{Collection: schema.Organizations, ID: m.Institution}
}

// looks is what the pages of others show of a record.
func (c *card) looks() string {
	if c == nil {
		return ""
	}
	name, err := json.Marshal(c.name)
	if err != nil {
		panic(err) // a map of strings always has a JSON form
	}
	return string(name) + c.acronym + "\x00" + c.status + "\x00" + c.kind + "\x00" + c.country
}

func (c *card) relations() []ref {
	if c == nil {
		return nil
	}
	return c.refs
}

func (c *card) oldIDs() []schema.RecordID {
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

// neighbours are those whose pages show a record: all of them where it looks
// different, else those that it began or ceased to refer to.
func (d *due) neighbours(c *catalog, id schema.RecordID, before, after *card) {
	all := before.looks() != after.looks()
	for _, ref := range before.relations() {
		if all || !slices.Contains(after.relations(), ref) {
			d.records[ref.to] = true
		}
	}
	for _, ref := range after.relations() {
		if all || !slices.Contains(before.relations(), ref) {
			d.records[ref.to] = true
		}
	}
	if all {
		for _, m := range c.incoming[id] {
			d.records[m.by] = true
		}
	}
}

// lengths notes how many pages the lists of a card had, before they change.
func (d *due) lengths(c *catalog, cards ...*card) {
	for _, card := range cards {
		if card == nil {
			continue
		}
		for _, list := range card.lists() {
			if d.lists[list] == nil {
				d.lists[list] = &listPages{some: make(map[int]bool), last: c.limits.pages(len(c.lists[list]))}
			}
		}
	}
}

// positions notes the pages on which a card stands now.
func (d *due) positions(c *catalog, card *card) {
	if card == nil {
		return
	}
	for _, list := range card.lists() {
		d.lists[list].some[c.place(list, card)/c.limits.page+1] = true
	}
}

// shifts notes that cards behind one that came, went or moved may stand on
// other pages now.
func (d *due) shifts(before, after *card) {
	if before != nil && after != nil && before.sort == after.sort && before.order == after.order &&
		slices.Equal(before.lists(), after.lists()) {
		return
	}
	for _, card := range []*card{before, after} {
		if card == nil {
			continue
		}
		for _, list := range card.lists() {
			pages := d.lists[list]
			first := slices.Min(keys(pages.some))
			if pages.from == 0 || first < pages.from {
				pages.from = first
			}
		}
	}
}

func keys(set map[int]bool) []int {
	all := make([]int, 0, len(set))
	for n := range set {
		all = append(all, n)
	}
	return all
}
