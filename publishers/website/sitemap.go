package website

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"netsync/publishers/snapshot"
	"netsync/schema"
)

const sitemapNamespace = "http://www.sitemaps.org/schemas/sitemap/0.9"

// planSitemap adds sitemap.xml and robots.txt if the host is known. Too many
// pages for one sitemap are split by the bucket of the state's digest, so a
// change rewrites only one of them.
func (b *build) planSitemap(all *plan, stale *staleSet) {
	if b.addresses.origin == "" {
		return
	}
	all.addData("robots.txt", []byte("User-agent: *\nAllow: /\n\nSitemap: "+b.addresses.absoluteURL("/sitemap.xml")+"\n"))
	if b.catalog.hasOneSitemap() {
		all.add("sitemap.xml", func() ([]byte, error) {
			pages := b.mainPages()
			for _, c := range schema.Collections() {
				pages = append(pages, b.recordPages(b.catalog.cardsByID(c))...)
			}
			return encodeSitemap("urlset", "url", pages), nil
		})
		return
	}
	all.add("sitemap-pages.xml", func() ([]byte, error) { return encodeSitemap("urlset", "url", b.mainPages()), nil })
	all.add("sitemap.xml", func() ([]byte, error) { return b.sitemapIndex(), nil })
	buckets := make(map[int]bool)
	for part := range stale.parts {
		buckets[part.bucket] = true
	}
	for bucket := range snapshot.Buckets {
		if stale.everything || buckets[bucket] {
			all.add(sitemapFile(bucket), func() ([]byte, error) {
				var pages []sitemapEntry
				for _, c := range schema.Collections() {
					pages = append(pages, b.recordPages(b.catalog.lists[partList(c, bucket)])...)
				}
				return encodeSitemap("urlset", "url", pages), nil
			})
		}
	}
}

// hasOneSitemap reports whether one sitemap lists all record pages.
func (c *catalog) hasOneSitemap() bool {
	return len(c.cards)*len(siteLanguages(c.manifest)) <= c.limits.sitemap
}

func sitemapFile(bucket int) string { return fmt.Sprintf("sitemap-%02x.xml", bucket) }

func (b *build) sitemapIndex() []byte {
	parts := []sitemapEntry{{address: b.addresses.absoluteURL("/sitemap-pages.xml")}}
	for bucket := range snapshot.Buckets {
		parts = append(parts, sitemapEntry{address: b.addresses.absoluteURL("/" + sitemapFile(bucket))})
	}
	return encodeSitemap("sitemapindex", "sitemap", parts)
}

// A sitemapEntry is a page with the time of its last change, zero if unknown.
type sitemapEntry struct {
	address  string
	modified time.Time
}

func (b *build) mainPages() []sitemapEntry {
	var newest time.Time
	if entries := b.history.log.Entries; len(entries) > 0 {
		newest = entries[0].Time
	}
	var all []sitemapEntry
	add := func(path string, when time.Time) {
		all = append(all, sitemapEntry{b.addresses.absoluteURL(path), when})
	}
	for _, l := range b.locales {
		for _, path := range []string{b.overviewPath(l), b.connectionsPath(l), b.changesPath(l), b.aboutPath(l)} {
			add(path, newest)
		}
		for _, c := range schema.Collections() {
			add(b.folderPath(l, string(c)), time.Time{})
		}
		for _, vocabulary := range vocabularies {
			add(b.folderPath(l, vocabulary), time.Time{})
			for _, term := range b.allTerms(vocabulary) {
				if list := termList(vocabulary, term); b.hasPages(list) && b.catalog.lists[list] != nil {
					add(b.listPath(l, list, 1), time.Time{})
				}
			}
		}
		if b.catalog.lists[formerList] != nil {
			add(b.listPath(l, formerList, 1), time.Time{})
		}
	}
	return all
}

func (b *build) recordPages(cards []*card) []sitemapEntry {
	all := make([]sitemapEntry, 0, len(cards)*len(b.locales))
	for _, c := range cards {
		for _, l := range b.locales {
			all = append(all, sitemapEntry{b.addresses.absoluteURL(b.recordPath(l, c.id)), b.history.modified[c.id].time})
		}
	}
	return all
}

func encodeSitemap(list, item string, entries []sitemapEntry) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s<%s xmlns=%q>\n", xml.Header, list, sitemapNamespace)
	for _, entry := range entries {
		fmt.Fprintf(&b, "<%s><loc>", item)
		_ = xml.EscapeText(&b, []byte(entry.address)) // writing to a buffer does not fail
		b.WriteString("</loc>")
		if !entry.modified.IsZero() {
			b.WriteString("<lastmod>" + entry.modified.UTC().Format(time.RFC3339) + "</lastmod>")
		}
		fmt.Fprintf(&b, "</%s>\n", item)
	}
	fmt.Fprintf(&b, "</%s>\n", list)
	return b.Bytes()
}
