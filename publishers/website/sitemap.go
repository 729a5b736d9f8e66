package website

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"netsync/publishers/snapshot"
	"netsync/schema"
)

const sitemapSpace = "http://www.sitemaps.org/schemas/sitemap/0.9"

// planSitemap adds sitemap.xml and robots.txt. Where there are too many pages
// for one sitemap, there is one for each bucket of the state's digest, so that
// a change rewrites one of them. A sitemap needs whole addresses.
func (i *issue) planSitemap(all *plan, due *due) {
	if i.addresses.origin == "" {
		return
	}
	all.addData("robots.txt", []byte("User-agent: *\nAllow: /\n\nSitemap: "+i.addresses.whole("/sitemap.xml")+"\n"))
	if i.catalog.oneSitemap() {
		all.add("sitemap.xml", func() ([]byte, error) {
			pages := i.mainPages()
			for _, c := range schema.Collections() {
				pages = append(pages, i.recordPages(i.catalog.sorted(c))...)
			}
			return sitemap("urlset", "url", pages), nil
		})
		return
	}
	all.add("sitemap-pages.xml", func() ([]byte, error) { return sitemap("urlset", "url", i.mainPages()), nil })
	all.add("sitemap.xml", func() ([]byte, error) { return i.sitemapIndex(), nil })
	buckets := make(map[int]bool)
	for part := range due.parts {
		buckets[part.bucket] = true
	}
	for bucket := range snapshot.Buckets {
		if due.everything || buckets[bucket] {
			all.add(sitemapFile(bucket), func() ([]byte, error) {
				var pages []sitemapEntry
				for _, c := range schema.Collections() {
					pages = append(pages, i.recordPages(i.catalog.lists[partList(c, bucket)])...)
				}
				return sitemap("urlset", "url", pages), nil
			})
		}
	}
}

// oneSitemap says whether all pages of records are listed in one file.
func (c *catalog) oneSitemap() bool {
	return len(c.cards)*len(languages(c.manifest)) <= c.limits.sitemap
}

func sitemapFile(bucket int) string { return fmt.Sprintf("sitemap-%02x.xml", bucket) }

func (i *issue) sitemapIndex() []byte {
	parts := []sitemapEntry{{address: i.addresses.whole("/sitemap-pages.xml")}}
	for bucket := range snapshot.Buckets {
		parts = append(parts, sitemapEntry{address: i.addresses.whole("/" + sitemapFile(bucket))})
	}
	return sitemap("sitemapindex", "sitemap", parts)
}

// A sitemapEntry is a page with the time at which what it shows last changed;
// the zero time where that is not known.
type sitemapEntry struct {
	address  string
	modified time.Time
}

func (i *issue) mainPages() []sitemapEntry {
	var newest time.Time
	if entries := i.history.log.Entries; len(entries) > 0 {
		newest = entries[0].Time
	}
	var all []sitemapEntry
	add := func(path string, when time.Time) {
		all = append(all, sitemapEntry{i.addresses.whole(path), when})
	}
	for _, v := range i.voices {
		for _, path := range []string{i.overviewPath(v), i.connectionsPath(v), i.changesPath(v), i.aboutPath(v)} {
			add(path, newest)
		}
		for _, c := range schema.Collections() {
			add(i.folderPath(v, string(c)), time.Time{})
		}
		for _, vocabulary := range vocabularies {
			add(i.folderPath(v, vocabulary), time.Time{})
			for _, term := range i.allTerms(vocabulary) {
				if list := termList(vocabulary, term); i.hasPages(list) && i.catalog.lists[list] != nil {
					add(i.listPath(v, list, 1), time.Time{})
				}
			}
		}
		if i.catalog.lists[formerList] != nil {
			add(i.listPath(v, formerList, 1), time.Time{})
		}
	}
	return all
}

func (i *issue) recordPages(cards []*card) []sitemapEntry {
	all := make([]sitemapEntry, 0, len(cards)*len(i.voices))
	for _, c := range cards {
		for _, v := range i.voices {
			all = append(all, sitemapEntry{i.addresses.whole(i.recordPath(v, c.id)), i.history.modified[c.id].time})
		}
	}
	return all
}

func sitemap(list, item string, entries []sitemapEntry) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s<%s xmlns=%q>\n", xml.Header, list, sitemapSpace)
	for _, entry := range entries {
		fmt.Fprintf(&b, "<%s><loc>", item)
		_ = xml.EscapeText(&b, []byte(entry.address)) // a buffer takes everything
		b.WriteString("</loc>")
		if !entry.modified.IsZero() {
			b.WriteString("<lastmod>" + entry.modified.UTC().Format(time.RFC3339) + "</lastmod>")
		}
		fmt.Fprintf(&b, "</%s>\n", item)
	}
	fmt.Fprintf(&b, "</%s>\n", list)
	return b.Bytes()
}
