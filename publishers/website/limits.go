package website

import "netsync/publishers/snapshot"

// limits bound the size of files, so a change rewrites little.
type limits struct {
	dataFile     int // records of a collection in one data file
	indexFile    int // records in one file of the search index
	indexPrefix  int // records in the index file of one word prefix
	prefixSample int // records that such a file lists if there are more
	listPage     int // records on one page of a list
	overview     int // networks of a tier on the overview
	section      int // related records in one section of a record's page
	sitemap      int // record pages in one sitemap; sitemaps.org allows 50,000
}

func defaultLimits() limits {
	return limits{dataFile: snapshot.Large, indexFile: 2000, indexPrefix: 500, prefixSample: 100, listPage: 200, overview: 200, section: 500, sitemap: 25_000}
}

// pageCount returns how many pages a list of records has.
func (l limits) pageCount(records int) int { return max(1, (records+l.listPage-1)/l.listPage) }
