package website

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"netsync/publishers"
	"netsync/publishers/snapshot"
	"netsync/schema"
)

// aboutView describes the data, and how to get and follow it.
type aboutView struct {
	Title     text
	Intro     text
	Facts     []fact
	Sections  []aboutSection
	Downloads downloadsView
	Cite      citeView
}

// aboutSection is a part of the page with links.
type aboutSection struct {
	ID    string
	Title text
	Text  text
	Links []link
	Code  string // an example to copy
}

// downloadsView is a table of the data files.
type downloadsView struct {
	Title   text
	Text    text
	What    text
	Formats text
	Rows    []downloadRow
}

// A downloadRow lists the files of the same data in several formats.
type downloadRow struct {
	What  text
	Count text
	Files []link
}

// citeView shows how to cite the data.
type citeView struct {
	Title text
	Text  text
	Cite  string
}

func (b *build) renderAbout(l *locale) ([]byte, error) {
	p := b.newPageContext(l, b.aboutPath(l))
	page := p.newPage(b.aboutPath)
	view := aboutView{
		Title:     p.labelText("about-data"),
		Intro:     p.labelText("about-intro"),
		Facts:     p.dataFacts(),
		Downloads: p.downloadsView(),
		Cite:      p.citeView(),
		Sections:  []aboutSection{p.followSection()},
	}
	if mail, ok := p.mailSection(); ok {
		view.Sections = append(view.Sections, mail)
	}
	view.Sections = append(view.Sections, p.embedSection(), p.eventsSection())
	page.Title, page.Description = view.Title, view.Intro.Body
	page.Crumbs = []link{p.homeLink(), {Text: view.Title}}
	page.LinkedData = p.linkedDataset(page)
	page.Body = view
	p.showChangeset(page)
	return b.executeTemplate("about.html", page)
}

// changeTime returns the time of the newest changeset, or the zero time.
func (b *build) changeTime() time.Time {
	if entries := b.history.log.Entries; len(entries) > 0 {
		return entries[0].Time
	}
	return time.Time{}
}

func (p *pageContext) dataFacts() []fact {
	var facts factList
	for _, c := range schema.Collections() {
		facts.addText(p.labelText(string(c)), p.formatCount(len(p.catalog.lists[string(c)]), false))
	}
	if when := p.changeTime(); !when.IsZero() {
		facts.addText(p.labelText("modified"), p.formatTime(when).Words)
	}
	facts.add(p.labelText("licence"), licenceLink(p.manifest.License))
	facts.add(p.labelText("state-digest"), textLinks(string(p.edition.Position.StateDigest))...)
	return facts
}

func (p *pageContext) downloadsView() downloadsView {
	view := downloadsView{
		Title: p.labelText("downloads"), Text: p.labelText("downloads-text"),
		What: p.labelText("downloads-what"), Formats: p.labelText("downloads-formats"),
	}
	for _, c := range schema.Collections() {
		row := downloadRow{What: p.labelText(string(c)), Count: p.formatCount(len(p.catalog.lists[string(c)]), false)}
		for _, f := range formats {
			if f.hasHeading || !p.catalog.isSplit(c) {
				row.Files = append(row.Files, p.downloadLink(formatName(f.ext), "data/"+string(c)+"."+f.ext))
			}
		}
		view.Rows = append(view.Rows, row)
	}
	for _, other := range []struct {
		label        text
		format, name string
	}{
		{p.labelText("all-in-one"), "ZIP", archiveFile(p.edition.Position.Dataset)},
		{p.labelText("changes-recent"), "JSON", logFile},
		{p.labelText("deltas"), "JSON", deltasFile},
		{p.labelText("modified-list"), "CSV", modifiedFile},
		{p.labelText("removed-list"), "JSON", removedFile},
		{p.labelText("manifest"), "JSON", "data/manifest.json"},
		{p.labelText("data-index"), "JSON", "data/index.json"},
	} {
		view.Rows = append(view.Rows, downloadRow{What: other.label, Files: []link{p.downloadLink(other.format, other.name)}})
	}
	return view
}

func formatName(ext string) string {
	switch ext {
	case "jsonld":
		return "JSON-LD"
	case "csv":
		return "CSV"
	}
	return "JSON"
}

func (p *pageContext) downloadLink(format, name string) link {
	return link{Text: text{Body: format}, URL: p.urlFor("/" + name)}
}

// citeView returns a citation with the digest of the state, so readers can
// verify which state is cited.
func (p *pageContext) citeView() citeView {
	view := citeView{Title: p.labelText("cite"), Text: p.labelText("cite-text")}
	if card := p.catalog.cards[institutionID(p.manifest)]; card != nil {
		view.Cite = p.localText(card.name).Body + ". "
	}
	view.Cite += p.localText(p.manifest.Title).Body + "."
	if when := p.changeTime(); !when.IsZero() {
		view.Cite += " " + p.formatTime(when).Words.Body + "."
	}
	view.Cite += " " + p.edition.Position.StateDigest.Short() + "."
	if p.manifest.License != "" {
		view.Cite += " " + p.manifest.License + "."
	}
	if address := p.addresses.absoluteURL(p.overviewPath(p.locale)); address != "" {
		view.Cite += " " + address
	}
	return view
}

func (p *pageContext) followSection() aboutSection {
	section := aboutSection{ID: "follow", Title: p.labelText("follow"), Text: p.labelText("follow-text")}
	section.Links = append(section.Links, link{Text: p.labelText("changes"), URL: p.urlFor(p.changesPath(p.locale))})
	if p.feeds {
		feeds := p.feedLinks(publishers.AllChanges, p.labelText("feed-json"), p.labelText("feed-atom"))
		feeds = append(feeds, p.feedLinks("major", p.labelText("major-feed-json"), p.labelText("major-feed-atom"))...)
		for _, feed := range feeds {
			section.Links = append(section.Links, link{Text: feed.Text, URL: feed.URL})
		}
		section.Links = append(section.Links, link{Text: p.labelText("feed-list"), URL: p.urlFor(publishers.FeedList)})
	}
	return section
}

func (p *pageContext) embedSection() aboutSection {
	section := aboutSection{ID: "embed", Title: p.labelText("embed"), Text: p.labelText("embed-text")}
	address := p.addresses.absoluteURL("/" + embedFile)
	if address == "" {
		address = "https://…/" + embedFile
	}
	section.Code = fmt.Sprintf("<script type=\"module\" src=%q></script>\n<netsync-embed show=\"networks\" lang=%q></netsync-embed>", address, p.language)
	return section
}

func (p *pageContext) eventsSection() aboutSection {
	stream := "netsync-" + p.edition.Position.Dataset
	return aboutSection{
		ID: "events", Title: p.labelText("events"), Text: p.formatLabel("events-text", stream),
		Code:  "nats subscribe 'netsync." + p.edition.Position.Dataset + ".>'",
		Links: []link{{Text: p.labelText("events-api"), URL: p.urlFor(asyncAPI)}},
	}
}

// linkedDataset describes the dataset for search engines.
func (p *pageContext) linkedDataset(page *pageView) any {
	data := map[string]any{
		"@context":    schemaOrg,
		"@type":       "Dataset",
		"name":        page.Site.Title.Body,
		"description": page.Description,
		"version":     p.edition.Position.Changeset,
	}
	if address := p.addresses.absoluteURL(p.aboutPath(p.locales[0])); address != "" {
		data["@id"], data["url"] = address, address
	}
	if when := p.changeTime(); !when.IsZero() {
		data["dateModified"] = when.UTC().Format(time.RFC3339)
	}
	if address := licenceLink(p.manifest.License).URL; address != "" {
		data["license"] = address
	}
	if card := p.catalog.cards[institutionID(p.manifest)]; card != nil {
		data["creator"] = p.linkedName(card)
	}
	var distribution []map[string]string
	for _, c := range schema.Collections() {
		if address := p.addresses.absoluteURL("/data/" + string(c) + ".json"); address != "" {
			distribution = append(distribution, map[string]string{
				"@type": "DataDownload", "encodingFormat": "application/json", "contentUrl": address, "name": string(c),
			})
		}
	}
	if distribution != nil {
		data["distribution"] = distribution
	}
	return data
}

// indexEntry describes a data file.
type indexEntry struct {
	Path      string `json:"path"` // relative to the index
	MediaType string `json:"media_type"`
	Title     string `json:"title"`
	Records   *int   `json:"records,omitempty"`
}

// dataIndex lists the data files for programs.
func (b *build) dataIndex() ([]byte, error) {
	p := b.edition.Position
	var files []indexEntry
	for _, c := range schema.Collections() {
		for _, f := range formats {
			if f.hasHeading || !b.catalog.isSplit(c) {
				count := len(b.catalog.lists[string(c)])
				files = append(files, indexEntry{string(c) + "." + f.ext, f.mediaType, "all " + string(c), &count})
			}
		}
	}
	files = append(files,
		indexEntry{p.Dataset + ".zip", "application/zip", "the manifest and all collections in one archive", nil},
		indexEntry{snapshot.LogFile, "application/json", "the deltas that lead from a copy of the last 90 days to this one", nil},
		indexEntry{"changes.json", "application/json", "what changed in the last 90 days, newest first", nil},
		indexEntry{"modified.csv", "text/csv", "when each record was last changed, newest first", nil},
		indexEntry{"removed.json", "application/json", "records that are no longer there", nil},
		indexEntry{"manifest.json", "application/json", "the manifest, with vocabularies and their labels", nil},
		indexEntry{strings.TrimPrefix(asyncAPI, "/data/"), "application/json", "the stream of events, in AsyncAPI 3.0; JSON Schema files of events and records lie beside and above it", nil})
	data, err := json.MarshalIndent(struct {
		Dataset     string        `json:"dataset"`
		Changeset   string        `json:"changeset"`
		StateDigest schema.Digest `json:"state_digest"`
		License     string        `json:"license,omitempty"`
		Files       []indexEntry  `json:"files"`
	}{p.Dataset, p.Changeset, p.StateDigest, b.edition.Manifest.License, files}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the index of data files: %w", err)
	}
	return append(data, '\n'), nil
}
