package feed

import (
	"net/url"

	"netsync/publishers"
	"netsync/schema"
)

// feedID returns the permanent ID of a dataset's feed, which does not depend on
// the website's address.
func feedID(dataset string) string { return "urn:netsync:" + url.PathEscape(dataset) }

// itemID returns the permanent ID of an item. The ID of a change's item holds
// the id of its event. Items for bulk changes and first items belong to one
// feed, so their IDs hold its scope. Each language has its own items.
func (r renderer) itemID(s source) string {
	id := feedID(r.dataset) + ":" + url.PathEscape(s.Changeset)
	switch {
	case s.Change != nil:
		record := s.Change.RecordID()
		id += ":" + url.PathEscape(string(record.Collection)) + "/" + url.PathEscape(record.ID)
	case s.Scope != allChanges:
		id += ":feeds/" + string(s.Scope)
	}
	if r.Language != r.Manifest.DefaultLanguage() {
		id += ":" + url.PathEscape(r.Language)
	}
	return id
}

// itemURL returns the page that an item links to: the page of the record, which
// remains after the record is removed, or the page of changes.
func (r renderer) itemURL(s source) string {
	if s.Change != nil {
		return r.recordURL(s.Change.RecordID())
	}
	return r.baseURL + publishers.LanguagePath(r.Manifest, r.Language) + "changes/"
}

func (r renderer) recordURL(id schema.RecordID) string {
	return r.baseURL + publishers.PagePath(r.Manifest, r.Language, id)
}
