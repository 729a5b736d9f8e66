package website

import "netsync/publishers/snapshot"

// limits are where a site is cut up, so that no file grows without bound and a
// change rewrites little.
type limits struct {
	whole    int // records of a collection in one data file
	oneIndex int // records in one file of the search index
	node     int // records with one beginning of a word in one file of it
	some     int // of those, how many a file names that does not name all
	page     int // records on one page of a list
	overview int // networks of a tier on the overview
	section  int // records that a page lists of those that belong to one
	sitemap  int // pages of records in one sitemap, which may list 50,000 (sitemaps.org)
}

func defaultLimits() limits {
	return limits{whole: snapshot.Large, oneIndex: 2000, node: 500, some: 100, page: 200, overview: 200, section: 500, sitemap: 25_000}
}

// pages is how many pages a list has.
func (l limits) pages(records int) int { return max(1, (records+l.page-1)/l.page) }
