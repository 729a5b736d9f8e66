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

// A catalog is what there is, who refers to whom, and who stands in which
// list. It is brought up to date by what changed.
type catalog struct {
	limits   limits
	manifest *schema.Manifest
	cards    map[schema.RecordID]*card
	// incoming lists who refers to a record, in no order.
	incoming map[schema.RecordID][]mention
	// lists are the cards in each list, in the list's order; lists without
	// cards are not there.
	lists map[string][]*card
	// claims are the records that say an id was theirs, in no order.
	claims map[schema.RecordID][]schema.RecordID
	// images counts the records that show an image.
	images map[string]int
	// words are those of the search index.
	words wordIndex
}

// A mention is one reference seen from the record that is referred to.
type mention struct {
	by schema.RecordID
	as string
}

func newCatalog(l limits, m *schema.Manifest, state *schema.State) (*catalog, error) {
	c := &catalog{
		limits:   l,
		manifest: m,
		cards:    make(map[schema.RecordID]*card, state.Len()),
		incoming: make(map[schema.RecordID][]mention),
		lists:    make(map[string][]*card),
		claims:   make(map[schema.RecordID][]schema.RecordID),
		images:   make(map[string]int),
	}
	cards, err := newCards(m, state)
	if err != nil {
		return nil, err
	}
	for _, card := range cards {
		c.link(card)
		for _, list := range card.lists() {
			c.lists[list] = append(c.lists[list], card)
		}
	}
	var sorting sync.WaitGroup
	for name, list := range c.lists {
		sorting.Go(func() { slices.SortFunc(list, orderOf(name)) })
	}
	c.words = newWordIndex(c.cards)
	sorting.Wait()
	return c, nil
}

// newCards makes the cards of a state on all processors, in no order.
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

// put takes in a record's card, in place of the one before; nil where the
// record is gone.
func (c *catalog) put(id schema.RecordID, card *card) (before *card) {
	if before = c.cards[id]; before != nil {
		c.unlink(before)
		for _, list := range before.lists() {
			c.takeOut(list, before)
		}
	}
	if card != nil {
		c.link(card)
		for _, list := range card.lists() {
			c.insert(list, card)
		}
	}
	return before
}

func (c *catalog) link(card *card) {
	c.cards[card.id] = card
	if card.logo != nil {
		c.images[imageFile(card.logo)]++
	}
	for _, ref := range card.refs {
		if m := (mention{card.id, ref.as}); !slices.Contains(tail(c.incoming[ref.to]), m) {
			c.incoming[ref.to] = append(c.incoming[ref.to], m)
		}
	}
	for _, alias := range card.aliases {
		old := schema.RecordID{Collection: card.id.Collection, ID: alias}
		c.claims[old] = append(c.claims[old], card.id)
	}
}

// tail is enough of a list to find what one record has just added to it.
func tail(all []mention) []mention { return all[max(0, len(all)-4):] }

func (c *catalog) unlink(card *card) {
	delete(c.cards, card.id)
	if card.logo != nil {
		c.images[imageFile(card.logo)]--
	}
	for _, ref := range card.refs {
		c.incoming[ref.to] = slices.DeleteFunc(c.incoming[ref.to], func(m mention) bool { return m.by == card.id })
	}
	for _, alias := range card.aliases {
		old := schema.RecordID{Collection: card.id.Collection, ID: alias}
		c.claims[old] = slices.DeleteFunc(c.claims[old], func(id schema.RecordID) bool { return id == card.id })
	}
}

func (c *catalog) insert(name string, card *card) {
	list, compare := c.lists[name], orderOf(name)
	at, _ := slices.BinarySearchFunc(list, card, compare)
	c.lists[name] = slices.Insert(list, at, card)
}

func (c *catalog) takeOut(name string, card *card) {
	list, compare := c.lists[name], orderOf(name)
	if at, found := slices.BinarySearchFunc(list, card, compare); found {
		list = slices.Delete(list, at, at+1)
	}
	if c.lists[name] = list; len(list) == 0 {
		delete(c.lists, name)
	}
}

// place is where a card stands in a list.
func (c *catalog) place(name string, card *card) int {
	at, _ := slices.BinarySearchFunc(c.lists[name], card, orderOf(name))
	return at
}

// mentions lists who refers to a record as one of some things, by the names of
// those who do.
func (c *catalog) mentions(id schema.RecordID) []mention {
	all := slices.Clone(c.incoming[id])
	slices.SortFunc(all, func(a, b mention) int {
		return cmp.Or(byName(c.cards[a.by], c.cards[b.by]), strings.Compare(a.as, b.as))
	})
	return all
}

// heir is the record that an old id now belongs to; ok is false where the id
// is taken, or nobody's. Of several claims the first by id holds.
func (c *catalog) heir(old schema.RecordID) (to schema.RecordID, ok bool) {
	claims := c.claims[old]
	if c.cards[old] != nil || len(claims) == 0 {
		return schema.RecordID{}, false
	}
	return slices.MinFunc(claims, schema.RecordID.Compare), true
}

// sorted are a collection's cards by id.
func (c *catalog) sorted(collection schema.Collection) []*card {
	return slices.SortedFunc(slices.Values(c.lists[string(collection)]), byID)
}

// orderOf is how a list is sorted: tiers as the institution orders them, what
// data files are made from by id, all others by name.
func orderOf(list string) func(a, b *card) int {
	switch kind, _, _ := strings.Cut(list, "/"); kind {
	case "tier":
		return byOrder
	case "part":
		return byID
	}
	return byName
}

func byID(a, b *card) int { return a.id.Compare(b.id) }

// byName puts networks first, then activities, then organizations. It compares
// no more than it has to, as sorting by it is much of the work of a catalog.
func byName(a, b *card) int {
	if order := cmp.Compare(rank(a), rank(b)); order != 0 {
		return order
	}
	if order := strings.Compare(a.sort, b.sort); order != 0 {
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

func rank(c *card) int {
	switch c.id.Collection {
	case schema.Networks:
		return 0
	case schema.Activities:
		return 1
	}
	return 2
}
