package website

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"netsync/schema"
	"netsync/schema/shared"
)

// A catalog indexes the records of a state: by references, by lists and by
// words. Changes update it.
type catalog struct {
	limits   limits
	manifest *schema.Manifest
	cards    map[schema.RecordID]*card
	// incoming holds the references to each record, unordered.
	incoming map[schema.RecordID][]mention
	// lists holds the sorted cards of each list that is not empty.
	lists map[string][]*card
	// aliasOwners holds the records that have an id as an alias, unordered.
	aliasOwners map[schema.RecordID][]schema.RecordID
	// images counts the records that show an image, by file name.
	images map[string]int
	// words is the search index.
	words wordIndex
}

// A mention is a reference, as seen from its target.
type mention struct {
	by   schema.RecordID
	role string
}

func newCatalog(l limits, m *schema.Manifest, state *schema.State) (*catalog, error) {
	c := &catalog{
		limits:      l,
		manifest:    m,
		cards:       make(map[schema.RecordID]*card, state.Len()),
		incoming:    make(map[schema.RecordID][]mention),
		lists:       make(map[string][]*card),
		aliasOwners: make(map[schema.RecordID][]schema.RecordID),
		images:      make(map[string]int),
	}
	cards, err := newCards(m, state)
	if err != nil {
		return nil, err
	}
	for _, card := range cards {
		c.addCard(card)
		for _, list := range card.listNames() {
			c.lists[list] = append(c.lists[list], card)
		}
	}
	var sorting sync.WaitGroup
	for name, list := range c.lists {
		sorting.Go(func() { slices.SortFunc(list, listOrder(name)) })
	}
	c.words = newWordIndex(c.cards)
	sorting.Wait()
	return c, nil
}

// newCards returns the cards of a state, unordered. It decodes in parallel.
func newCards(m *schema.Manifest, state *schema.State) ([]*card, error) {
	ids := make([]schema.RecordID, 0, state.Len())
	for id := range state.Digests() {
		ids = append(ids, id)
	}
	cards := make([]*card, len(ids))
	return cards, shared.ForEach(runtime.GOMAXPROCS(0), ids, func(i int, id schema.RecordID) (err error) {
		record, _ := state.Get(id)
		cards[i], err = newCard(m, record)
		return err
	})
}

// putCard replaces a record's card and returns the previous one. The new card
// is nil if the record was removed.
func (c *catalog) putCard(id schema.RecordID, card *card) (before *card) {
	if before = c.cards[id]; before != nil {
		c.removeCard(before)
		for _, list := range before.listNames() {
			c.removeFromList(list, before)
		}
	}
	if card != nil {
		c.addCard(card)
		for _, list := range card.listNames() {
			c.insertIntoList(list, card)
		}
	}
	return before
}

func (c *catalog) addCard(card *card) {
	c.cards[card.id] = card
	if card.logo != nil {
		c.images[imageFile(card.logo)]++
	}
	for _, ref := range card.refs {
		if m := (mention{card.id, ref.role}); !slices.Contains(lastMentions(c.incoming[ref.to]), m) {
			c.incoming[ref.to] = append(c.incoming[ref.to], m)
		}
	}
	for _, alias := range card.aliases {
		old := schema.RecordID{Collection: card.id.Collection, ID: alias}
		c.aliasOwners[old] = append(c.aliasOwners[old], card.id)
	}
}

// lastMentions returns the end of a list, long enough to hold what one record
// has just added to it.
func lastMentions(all []mention) []mention { return all[max(0, len(all)-4):] }

func (c *catalog) removeCard(card *card) {
	delete(c.cards, card.id)
	if card.logo != nil {
		c.images[imageFile(card.logo)]--
	}
	for _, ref := range card.refs {
		c.incoming[ref.to] = slices.DeleteFunc(c.incoming[ref.to], func(m mention) bool { return m.by == card.id })
	}
	for _, alias := range card.aliases {
		old := schema.RecordID{Collection: card.id.Collection, ID: alias}
		c.aliasOwners[old] = slices.DeleteFunc(c.aliasOwners[old], func(id schema.RecordID) bool { return id == card.id })
	}
}

func (c *catalog) insertIntoList(name string, card *card) {
	list, compare := c.lists[name], listOrder(name)
	at, _ := slices.BinarySearchFunc(list, card, compare)
	c.lists[name] = slices.Insert(list, at, card)
}

func (c *catalog) removeFromList(name string, card *card) {
	list, compare := c.lists[name], listOrder(name)
	if at, found := slices.BinarySearchFunc(list, card, compare); found {
		list = slices.Delete(list, at, at+1)
	}
	if c.lists[name] = list; len(list) == 0 {
		delete(c.lists, name)
	}
}

// positionInList returns the index of a card in a list.
func (c *catalog) positionInList(name string, card *card) int {
	at, _ := slices.BinarySearchFunc(c.lists[name], card, listOrder(name))
	return at
}

// sortedMentions returns the references to a record by the names of the
// records that refer to it.
func (c *catalog) sortedMentions(id schema.RecordID) []mention {
	all := slices.Clone(c.incoming[id])
	slices.SortFunc(all, func(a, b mention) int {
		return cmp.Or(byName(c.cards[a.by], c.cards[b.by]), strings.Compare(a.role, b.role))
	})
	return all
}

// aliasOwner returns the record that has an old id as an alias; ok is false if
// there is none, or if the id is in use. Of several records, the first by id
// is returned.
func (c *catalog) aliasOwner(old schema.RecordID) (to schema.RecordID, ok bool) {
	owners := c.aliasOwners[old]
	if c.cards[old] != nil || len(owners) == 0 {
		return schema.RecordID{}, false
	}
	return slices.MinFunc(owners, schema.RecordID.Compare), true
}

// cardsByID returns a collection's cards, sorted by id.
func (c *catalog) cardsByID(collection schema.Collection) []*card {
	return slices.SortedFunc(slices.Values(c.lists[string(collection)]), byID)
}

// listOrder returns the comparison that sorts a list: tiers by the
// institution's order, parts of data files by id, and others by name.
func listOrder(list string) func(a, b *card) int {
	switch kind, _, _ := strings.Cut(list, "/"); kind {
	case "tier":
		return byOrder
	case "part":
		return byID
	}
	return byName
}

func byID(a, b *card) int { return a.id.Compare(b.id) }

// byName compares by collection (networks, activities, organizations) and then
// by name. It compares as little as possible, since sorting takes much of the
// time to build a catalog.
func byName(a, b *card) int {
	if order := cmp.Compare(collectionRank(a), collectionRank(b)); order != 0 {
		return order
	}
	if order := strings.Compare(a.sortName, b.sortName); order != 0 {
		return order
	}
	return strings.Compare(a.id.ID, b.id.ID)
}

func byOrder(a, b *card) int {
	if order := cmp.Compare(a.order, b.order); order != 0 {
		return order
	}
	return byName(a, b)
}

func collectionRank(c *card) int {
	switch c.id.Collection {
	case schema.Networks:
		return 0
	case schema.Activities:
		return 1
	}
	return 2
}
