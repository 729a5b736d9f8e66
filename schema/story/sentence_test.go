package story_test

import (
	"strings"
	"testing"

	"netsync/schema"
	"netsync/schema/event"
)

func TestSentences(t *testing.T) {
	const una = `{"name":{"en":"Una Europa"},"members":{"count":10},"topics":["water"],"membership":{"status":"current"}}`
	with := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(una) }
	cases := []struct {
		name, before, after string
		op                  event.Op
		en, nl              string
	}{
		{"created", "", una, event.Created, "Una Europa was added", "Una Europa is toegevoegd"},
		{"removed", una, "", event.Removed, "Una Europa was removed", "Una Europa is verwijderd"},
		{"restored", "", una, event.Restored, "Una Europa is listed again", "Una Europa is weer opgenomen"},
		{"ended", una, with("current", "former"), event.Updated,
			"Membership of Una Europa ended", "Het lidmaatschap van Una Europa is beëindigd"},
		{"started", with("current", "upcoming"), una, event.Updated,
			"Membership of Una Europa started", "Het lidmaatschap van Una Europa is begonnen"},
		{"ended, and more", una, with("current", "former", "10", "11", "water", "energy"), event.Updated,
			"Membership of Una Europa ended; 2 more changes (member count, topics)",
			"Het lidmaatschap van Una Europa is beëindigd; nog 2 wijzigingen (aantal leden, thema's)"},
		{"one difference", una, with("10", "11"), event.Updated,
			"Member count of Una Europa: 10 → 11", "Aantal leden van Una Europa: 10 → 11"},
		{"a new value", una, with("10}", `10},"acronym":"UE"`), event.Updated,
			"Acronym of Una Europa: none → UE", "Afkorting van Una Europa: geen → UE"},
		{"several", una, with("10}", `11},"summary":{"en":"S"},"identifiers":{"ror":"r"}`, "water", "energy"), event.Updated,
			"Una Europa: 4 changes (summary, member count, topics, ROR)",
			"Una Europa: 4 wijzigingen (samenvatting (en), aantal leden, thema's, ROR)"},
		{"no name", `{"a":1}`, `{"a":2}`, event.Updated, "a of una-europa: 1 → 2", "a van una-europa: 1 → 2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			change := change(t, c.op, unaEuropa, c.before, c.after)
			if got := describer(t, "en").Sentence(change); got != c.en {
				t.Errorf("en: %s, want %s", got, c.en)
			}
			if got := describer(t, "nl-BE").Sentence(change); got != c.nl {
				t.Errorf("nl: %s, want %s", got, c.nl)
			}
		})
	}
}

func TestLongValuesAreShortenedToOneLine(t *testing.T) {
	before := `{"name":{"en":"A"},"description":{"en":"` + strings.Repeat(`word\n`, 100) + `"}}`
	got := describer(t, "en").Sentence(change(t, event.Updated, unaEuropa, before, `{"name":{"en":"A"}}`))
	if n := len([]rune(got)); n > 120 || !strings.Contains(got, "…") || strings.Contains(got, "\n") {
		t.Errorf("%d characters: %q", n, got)
	}
}

func TestReplacedAndRepublishedRecordsSaySo(t *testing.T) {
	d := describer(t, "en")
	c := change(t, event.Removed, unaEuropa, `{"name":{"en":"A"}}`, "")
	by := "leru"
	c.ReplacedBy = &by
	if got := d.Sentence(c); got != "A was removed (replaced by LERU)" {
		t.Error(got)
	}
	again := change(t, event.Updated, unaEuropa, `{"name":{"en":"A"}}`, `{"name":{"en":"A"}}`)
	again.Republished = true
	if got := d.Sentence(again); got != "A was published again" {
		t.Error(got)
	}
}

func TestBulk(t *testing.T) {
	var changes []*event.Change
	for collection, n := range map[schema.Collection]int{schema.Networks: 8, schema.Organizations: 6, schema.Activities: 1} {
		for range n {
			changes = append(changes, &event.Change{Collection: collection, Op: event.Created})
		}
	}
	en, nl := describer(t, "en"), describer(t, "nl")
	if got := en.Bulk(&event.Changeset{}, changes); got != "8 networks, 6 organizations and 1 activity were added" {
		t.Error(got)
	}
	changes = append(changes,
		&event.Change{Collection: schema.Networks, Op: event.Removed},
		&event.Change{Collection: schema.Networks, Op: event.Updated, Republished: true})
	if got := nl.Bulk(&event.Changeset{}, changes); got != "8 netwerken, 6 organisaties en 1 activiteit zijn toegevoegd; 1 netwerk is verwijderd" {
		t.Error(got)
	}
	if got := en.Bulk(&event.Changeset{Counts: map[event.Op]int{event.Created: 3}}, nil); got != "3 records were added" {
		t.Error(got)
	}
	if got := en.Bulk(&event.Changeset{}, nil); got != "Nothing changed" {
		t.Error(got)
	}
}
