package website

import (
	"strings"

	"netsync/schema"
)

// A pageContext renders one page in one language at one path. Its links are
// relative, so a site works at any address, and from a folder without a
// server.
type pageContext struct {
	*build
	*locale
	path     string // below the site's root: /nl/networks/leru/
	rootPath string // from the page to the site's root: ../../../
}

func (b *build) newPageContext(l *locale, path string) *pageContext {
	return &pageContext{b, l, path, strings.Repeat("../", strings.Count(path, "/")-1)}
}

// newRootedContext returns the context of a page that is served at other
// addresses than its own, so its links begin at the server's root.
func (b *build) newRootedContext(l *locale) *pageContext {
	return &pageContext{b, l, "", b.addresses.base}
}

// urlFor returns the link to a path below the site's root.
func (p *pageContext) urlFor(path string) string {
	if address := p.rootPath + strings.TrimPrefix(path, "/"); address != "" {
		return address
	}
	return "./"
}

// recordLink returns a link to a record's page, or the plain id of an unknown
// record.
func (p *pageContext) recordLink(id schema.RecordID) link {
	card := p.catalog.cards[id]
	if card == nil {
		return link{Text: text{Body: id.ID}}
	}
	return p.cardLink(card)
}

func (p *pageContext) cardLink(c *card) link {
	return link{Text: p.recordName(c.id.ID, c.name, c.acronym), URL: p.urlFor(p.recordPath(p.locale, c.id))}
}

func (p *pageContext) recordLinks(c schema.Collection, ids []string) []link {
	var out []link
	for _, id := range ids {
		out = append(out, p.recordLink(schema.RecordID{Collection: c, ID: id}))
	}
	return out
}

// termLink returns a link to the page of a vocabulary's term.
func (p *pageContext) termLink(vocabulary, term string) link {
	result := link{Text: p.termLabel(vocabulary, term)}
	if p.hasPages(termList(vocabulary, term)) {
		result.URL = p.urlFor(p.termPath(p.locale, vocabulary, term))
	}
	return result
}

func (p *pageContext) termLinks(vocabulary string, terms []string) []link {
	var out []link
	for _, term := range terms {
		out = append(out, p.termLink(vocabulary, term))
	}
	return out
}
