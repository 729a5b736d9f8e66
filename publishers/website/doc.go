// Package website is the channel that shows a dataset as a static site, ready
// for any web server:
//
//	index.html                            the overview
//	networks/<id>/index.html              a page for each record, and for
//	organizations/<id>/index.html         each of its aliases a redirect
//	activities/<id>/index.html
//	changes/index.html                    what changed, newest first
//	<language>/…                          the same in the other languages
//	404.html, sitemap.xml
//	assets/site.<hash>.css, assets/favicon.<hash>.svg
//	data/manifest.json                    the manifest, canonical
//	data/<collection>.json                all records of a collection
//	data/<collection>/parts/<bucket>.json the same in parts, where it is large
//	data/<collection>/<id>.json           one record, canonical
//	data/changes.json                     the log that the changes show
//	channel.json                          what the release shows
//
// Rendering is a function of the manifest, the state, the log and the
// changeset: no clock, no map order, no chance. A page has no scripts and
// asks no other server for anything. Record pages do not name the changeset
// but the record's digest, so that a change rewrites only the pages that show
// it.
package website
