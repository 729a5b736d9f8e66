package website

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// maxSitemap is how many addresses a sitemap may list (sitemaps.org).
const maxSitemap = 50_000

const sitemapSpace = "http://www.sitemaps.org/schemas/sitemap/0.9"

// planSitemap adds sitemap.xml; above the limit it lists sitemap-1.xml and so
// on. A sitemap needs whole addresses.
func (i *issue) planSitemap(all *plan) {
	if i.addresses.origin == "" {
		return
	}
	pages := i.pageAddresses()
	if len(pages) <= maxSitemap {
		all.add("sitemap.xml", func() ([]byte, error) { return sitemap("urlset", "url", pages), nil })
		return
	}
	var parts []string
	for len(pages) > 0 {
		some := pages[:min(maxSitemap, len(pages))]
		pages = pages[len(some):]
		name := fmt.Sprintf("sitemap-%d.xml", len(parts)+1)
		all.add(name, func() ([]byte, error) { return sitemap("urlset", "url", some), nil })
		parts = append(parts, i.addresses.whole(name))
	}
	all.add("sitemap.xml", func() ([]byte, error) { return sitemap("sitemapindex", "sitemap", parts), nil })
}

func (i *issue) pageAddresses() []string {
	var all []string
	for _, v := range i.voices {
		all = append(all, i.addresses.whole(i.overviewPath(v)), i.addresses.whole(i.changesPath(v)))
		for _, r := range i.catalog.records {
			all = append(all, i.addresses.whole(i.recordPath(v, r.ID)))
		}
	}
	return all
}

func sitemap(list, item string, addresses []string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s<%s xmlns=%q>\n", xml.Header, list, sitemapSpace)
	for _, address := range addresses {
		fmt.Fprintf(&b, "<%s><loc>", item)
		_ = xml.EscapeText(&b, []byte(address)) // a buffer takes everything
		fmt.Fprintf(&b, "</loc></%s>\n", item)
	}
	fmt.Fprintf(&b, "</%s>\n", list)
	return b.Bytes()
}
