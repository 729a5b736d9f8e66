// Package website is the channel that shows a dataset as a static site, ready
// for any web server:
//
//	index.html                            the overview
//	networks/<id>/index.html              a page for each record; in place of
//	organizations/<id>/index.html         one that was renamed a redirect, of
//	activities/<id>/index.html            one that was removed a word of it
//	networks/index.html, page/2/…         lists of all records
//	topics/<term>/…, regions/…, purposes/…
//	former/, connections/, changes/, about/, search/
//	<language>/…                          the same in the other languages
//	404.html, sitemap.xml, robots.txt
//	assets/<name>.<hash>.<ext>            styles, scripts, logos
//	search/*.js                           the index of the search page
//	data/                                 for programs; data/index.json lists it
//	fragments/, oembed/, embed.js         for the pages of others
//	channel.json                          what the release shows
//
// Rendering is a function of the manifest, the state, the history and the
// changeset: no clock, no map order, no chance. Links are relative, scripts make
// handier what reads well without them, and no page asks another server for
// anything. Record pages do not name the changeset but the record's digest, so
// that a change rewrites only the pages that show it.
//
// How an edition becomes a release: a catalog (card.go, catalog.go) knows who
// refers to whom and who stands in which list; due.go says what a change
// touches; plan.go turns that into files; a sheet (sheet.go) is one page in
// one language; gate.go looks at all of it before readers do.
package website
