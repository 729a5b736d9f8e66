package website

import (
	"strings"

	"netsync/schema"
)

// A sheet is a page in the making: in whose voice it speaks and where it will
// lie. Its links are relative, so that a site can be read at any address, and
// from a folder without a server.
type sheet struct {
	*issue
	*voice
	path string // below the site's root: /nl/networks/leru/
	up   string // leads to the root: ../../../
}

func (i *issue) sheet(v *voice, path string) *sheet {
	return &sheet{i, v, path, strings.Repeat("../", strings.Count(path, "/")-1)}
}

// rooted makes a page that is shown at other addresses than its own, so that
// its links begin at the server's root.
func (i *issue) rooted(v *voice) *sheet { return &sheet{i, v, "", i.addresses.base} }

// to returns the address of a path below the site's root.
func (s *sheet) to(path string) string {
	if address := s.up + strings.TrimPrefix(path, "/"); address != "" {
		return address
	}
	return "./"
}

// reference is a link to a record's page, or its id where there is none.
func (s *sheet) reference(id schema.RecordID) link {
	card := s.catalog.cards[id]
	if card == nil {
		return link{Text: text{Body: id.ID}}
	}
	return s.cardLink(card)
}

func (s *sheet) cardLink(c *card) link {
	return link{Text: s.name(c.id.ID, c.name, c.acronym), URL: s.to(s.recordPath(s.voice, c.id))}
}

func (s *sheet) references(c schema.Collection, ids []string) []link {
	var out []link
	for _, id := range ids {
		out = append(out, s.reference(schema.RecordID{Collection: c, ID: id}))
	}
	return out
}

// term is a link to the page of a vocabulary's term.
func (s *sheet) term(vocabulary, term string) link {
	shown := link{Text: s.termLabel(vocabulary, term)}
	if s.hasPages(termList(vocabulary, term)) {
		shown.URL = s.to(s.termPath(s.voice, vocabulary, term))
	}
	return shown
}

func (s *sheet) terms(vocabulary string, terms []string) []link {
	var out []link
	for _, term := range terms {
		out = append(out, s.term(vocabulary, term))
	}
	return out
}
