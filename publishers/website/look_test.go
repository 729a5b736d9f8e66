package website_test

import (
	"os"
	"testing"
)

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip("look")
	}
	s := sampleStory(t)
	s.tell(false, s.edit(id("networks/iau"), map[string]any{"founded": "195X", "countries": map[string]any{"count": 121, "approximate": true, "as_of": "2026-11"}}),
		s.edit(id("networks/leru"), map[string]any{"membership": map[string]any{"role": "founding-member", "since": "2002"}, "identifiers": map[string]any{"ror": "https://ror.org/020yfz786", "wikidata": "Q868940", "isni": "0000 0001 2223 6645"}}))
	s.tell(false, change{id("activities/inucost"), nil}, s.edit(id("networks/coimbra-group"), map[string]any{"description": map[string]any{"en": "The **Coimbra Group** has:\n\n- one\n- two\n\nSee [the site](https://www.coimbra-group.eu/)."}}))
	s.tell(false, s.edit(id("networks/euroscholars"), map[string]any{"membership": map[string]any{"role": "member", "until": "2024-06"}}))
	publish(t, newSite(t, dir, "https://www.example.org/"), s.edition(0, true))
}
