// Package website is the channel that publishes a dataset as a static site,
// ready for any web server:
//
//	index.html                            the overview
//	networks/<id>/index.html              a page for each record; a redirect
//	organizations/<id>/index.html         for a renamed one, and a message for
//	activities/<id>/index.html            a removed one
//	networks/index.html, page/2/…         lists of all records
//	topics/<term>/…, regions/…, purposes/…
//	former/, connections/, changes/, about/, search/
//	<language>/…                          the same in the other languages
//	404.html, sitemap.xml, robots.txt
//	assets/<name>.<hash>.<ext>            styles, scripts, logos
//	search/*.js                           the index of the search page
//	data/                                 for programs; data/index.json lists it
//	fragments/, oembed/, embed.js         for other websites
//	channel.json                          the position of the release
//
// Rendering is a function of the manifest, the state, the history and the
// changeset. It does not depend on the clock, map order or randomness. Links
// are relative, pages work without scripts, and no page loads anything from
// another server. Record pages show the record's digest, not the changeset, so
// a change rewrites only the pages that show it.
//
// How an edition becomes a release: a catalog (card.go, catalog.go) indexes
// the records; a stale set (stale.go) is what a change affects; a plan
// (plan.go) lists the files to write and remove; a page context
// (page_context.go) renders one page in one language; a gate (gate.go) checks
// the result before it is published.
package website
