package website

import (
	"strconv"

	"netsync/publishers"
	"netsync/schema"
)

// Paths below the site's root. Each ends with a slash and is a folder with an
// index.html. No record, and no language, has a name that is a path of
// another kind: collections come first, and languages have two or three
// letters.

func (i *issue) overviewPath(v *voice) string {
	return publishers.LanguagePath(i.edition.Manifest, v.language)
}

func (i *issue) changesPath(v *voice) string     { return i.overviewPath(v) + "changes/" }
func (i *issue) aboutPath(v *voice) string       { return i.overviewPath(v) + "about/" }
func (i *issue) connectionsPath(v *voice) string { return i.overviewPath(v) + "connections/" }
func (i *issue) searchPath(v *voice) string      { return i.overviewPath(v) + "search/" }

func (i *issue) recordPath(v *voice, id schema.RecordID) string {
	return publishers.PagePath(i.edition.Manifest, v.language, id)
}

func (i *issue) termPath(v *voice, vocabulary, term string) string {
	return i.overviewPath(v) + termList(vocabulary, term) + "/"
}

// folderPath is the path of a collection or vocabulary.
func (i *issue) folderPath(v *voice, name string) string { return i.overviewPath(v) + name + "/" }

// listPath is the path of one page of a list, counted from 1. The pages of a
// collection lie beside its records: /networks/page/2/ is not the record
// "page".
func (i *issue) listPath(v *voice, list string, page int) string {
	path := i.overviewPath(v) + list + "/"
	if list == formerList {
		path = i.overviewPath(v) + "former/"
	}
	if page > 1 {
		path += "page/" + strconv.Itoa(page) + "/"
	}
	return path
}

// pageFile is the file of a page: /changes/ is changes/index.html.
func pageFile(path string) string { return path[1:] + "index.html" }

func recordFile(id schema.RecordID) string { return "data/" + id.String() + ".json" }
