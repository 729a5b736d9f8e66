package feed

import (
	"net/url"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// feedID identifies a dataset's feed for ever, wherever it is served.
func feedID(dataset string) string { return "urn:netsync:" + url.PathEscape(dataset) }

// itemID identifies an item for ever. For a change it holds the id of the
// change's event; a bulk changeset has no record behind it (RFC 8141).
func itemID(dataset string, s source) string {
	id := feedID(dataset) + ":" + url.PathEscape(s.Changeset)
	if s.Change == nil {
		return id
	}
	record := s.Change.RecordID()
	return id + ":" + url.PathEscape(string(record.Collection)) + "/" + url.PathEscape(record.ID)
}

// itemURL returns the page that an item links to: the record's or, where it
// has none now, that of the record which replaced it or the page of changes.
func (t teller) itemURL(s source) string {
	if c := s.Change; c != nil {
		if t.hasPage(c.RecordID()) {
			return t.page(c.RecordID())
		}
		if by := replacement(c); t.hasPage(by) {
			return t.page(by)
		}
	}
	return t.base + publishers.LanguagePath(t.Manifest, t.Language) + "changes/"
}

func replacement(c *event.Change) schema.RecordID {
	if c.ReplacedBy == nil {
		return schema.RecordID{}
	}
	return schema.RecordID{Collection: c.Collection, ID: *c.ReplacedBy}
}

func (t teller) hasPage(id schema.RecordID) bool {
	_, ok := t.State.Get(id)
	return ok
}

func (t teller) page(id schema.RecordID) string {
	return t.base + publishers.PagePath(t.Manifest, t.Language, id)
}
