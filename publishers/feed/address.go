package feed

import (
	"net/url"

	"netsync/publishers"
	"netsync/schema"
)

// feedID identifies a dataset's feed for ever, wherever it is served.
func feedID(dataset string) string { return "urn:netsync:" + url.PathEscape(dataset) }

// itemID identifies an item for ever. For a change it holds the id of the
// change's event; what stands for many of a feed's changes is the feed's own.
// A text in another language than the default is another item.
func (t teller) itemID(s source) string {
	id := feedID(t.dataset) + ":" + url.PathEscape(s.Changeset)
	switch {
	case s.Change != nil:
		record := s.Change.RecordID()
		id += ":" + url.PathEscape(string(record.Collection)) + "/" + url.PathEscape(record.ID)
	case s.Scope != everything:
		id += ":feeds/" + string(s.Scope)
	}
	if t.Language != t.Manifest.DefaultLanguage() {
		id += ":" + url.PathEscape(t.Language)
	}
	return id
}

// itemURL returns the page that an item links to: the record's, which stays
// where the record goes, or the page of changes.
func (t teller) itemURL(s source) string {
	if s.Change != nil {
		return t.page(s.Change.RecordID())
	}
	return t.base + publishers.LanguagePath(t.Manifest, t.Language) + "changes/"
}

func (t teller) page(id schema.RecordID) string {
	return t.base + publishers.PagePath(t.Manifest, t.Language, id)
}
