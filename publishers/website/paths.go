package website

import (
	"strconv"

	"netsync/publishers"
	"netsync/schema"
)

// Paths below the site's root end with a slash and stand for a folder with an
// index.html. Paths of records and languages never collide with other paths:
// record paths begin with a collection, and languages have two or three
// letters.

func (b *build) overviewPath(l *locale) string {
	return publishers.LanguagePath(b.edition.Manifest, l.language)
}

func (b *build) changesPath(l *locale) string     { return b.overviewPath(l) + "changes/" }
func (b *build) aboutPath(l *locale) string       { return b.overviewPath(l) + "about/" }
func (b *build) connectionsPath(l *locale) string { return b.overviewPath(l) + "connections/" }
func (b *build) searchPath(l *locale) string      { return b.overviewPath(l) + "search/" }

func (b *build) recordPath(l *locale, id schema.RecordID) string {
	return publishers.PagePath(b.edition.Manifest, l.language, id)
}

func (b *build) termPath(l *locale, vocabulary, term string) string {
	return b.overviewPath(l) + termList(vocabulary, term) + "/"
}

// folderPath returns the path of a collection or vocabulary.
func (b *build) folderPath(l *locale, name string) string { return b.overviewPath(l) + name + "/" }

// listPath returns the path of one page of a list, counted from 1. The pages
// of a collection are beside its records: /networks/page/2/ is not the record
// "page".
func (b *build) listPath(l *locale, list string, page int) string {
	path := b.overviewPath(l) + list + "/"
	if list == formerList {
		path = b.overviewPath(l) + "former/"
	}
	if page > 1 {
		path += "page/" + strconv.Itoa(page) + "/"
	}
	return path
}

// pageFile returns the file of a page: changes/index.html for /changes/.
func pageFile(path string) string { return path[1:] + "index.html" }

func recordFile(id schema.RecordID) string { return "data/" + id.String() + ".json" }
