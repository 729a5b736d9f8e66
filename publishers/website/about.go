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

// aboutView tells what the data is, and how to get and follow it.
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

// A downloadRow is one thing in several formats.
type downloadRow struct {
	What  text
	Count text
	Files []link
}

// citeView is how to refer to the data.
type citeView struct {
	Title text
	Text  text
	Cite  string
}

func (i *issue) about(v *voice) ([]byte, error) {
	s := i.sheet(v, i.aboutPath(v))
	page := s.page(i.aboutPath)
	view := aboutView{
		Title:     s.say("about-data"),
		Intro:     s.say("about-intro"),
		Facts:     s.dataFacts(),
		Downloads: s.downloads(),
		Cite:      s.cite(),
		Sections:  []aboutSection{s.followSection()},
	}
	if mail, ok := s.mailSection(); ok {
		view.Sections = append(view.Sections, mail)
	}
	view.Sections = append(view.Sections, s.embedSection(), s.eventsSection())
	page.Title, page.Description = view.Title, view.Intro.Body
	page.Crumbs = []link{s.home(), {Text: view.Title}}
	page.LinkedData = s.linkedDataset(page)
	page.Body = view
	s.showChangeset(page)
	return i.execute("about.html", page)
}

// updated is when the newest changeset was completed.
func (i *issue) updated() time.Time {
	if entries := i.history.log.Entries; len(entries) > 0 {
		return entries[0].Time
	}
	return time.Time{}
}

func (s *sheet) dataFacts() []fact {
	var facts factList
	for _, c := range schema.Collections() {
		facts.addText(s.say(string(c)), s.count(len(s.catalog.lists[string(c)]), false))
	}
	if when := s.updated(); !when.IsZero() {
		facts.addText(s.say("modified"), s.moment(when).Words)
	}
	facts.add(s.say("licence"), licence(s.manifest.License))
	facts.add(s.say("state-digest"), plain(string(s.edition.Position.StateDigest))...)
	return facts
}

func (s *sheet) downloads() downloadsView {
	view := downloadsView{
		Title: s.say("downloads"), Text: s.say("downloads-text"),
		What: s.say("downloads-what"), Formats: s.say("downloads-formats"),
	}
	for _, c := range schema.Collections() {
		row := downloadRow{What: s.say(string(c)), Count: s.count(len(s.catalog.lists[string(c)]), false)}
		for _, f := range formats {
			if f.headed || !s.catalog.large(c) {
				row.Files = append(row.Files, s.download(formatName(f.ext), "data/"+string(c)+"."+f.ext))
			}
		}
		view.Rows = append(view.Rows, row)
	}
	for _, other := range []struct {
		label        text
		format, name string
	}{
		{s.say("all-in-one"), "ZIP", archiveFile(s.edition.Position.Dataset)},
		{s.say("changes-recent"), "JSON", logFile},
		{s.say("deltas"), "JSON", deltasFile},
		{s.say("modified-list"), "CSV", modifiedFile},
		{s.say("removed-list"), "JSON", removedFile},
		{s.say("manifest"), "JSON", "data/manifest.json"},
		{s.say("data-index"), "JSON", "data/index.json"},
	} {
		view.Rows = append(view.Rows, downloadRow{What: other.label, Files: []link{s.download(other.format, other.name)}})
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

func (s *sheet) download(format, name string) link {
	return link{Text: text{Body: format}, URL: s.to("/" + name)}
}

// cite refers to the state by its digest, so that a reader can prove which one
// was meant.
func (s *sheet) cite() citeView {
	view := citeView{Title: s.say("cite"), Text: s.say("cite-text")}
	if card := s.catalog.cards[institution(s.manifest)]; card != nil {
		view.Cite = s.text(card.name).Body + ". "
	}
	view.Cite += s.text(s.manifest.Title).Body + "."
	if when := s.updated(); !when.IsZero() {
		view.Cite += " " + s.moment(when).Words.Body + "."
	}
	view.Cite += " " + s.edition.Position.StateDigest.Short() + "."
	if s.manifest.License != "" {
		view.Cite += " " + s.manifest.License + "."
	}
	if address := s.addresses.whole(s.overviewPath(s.voice)); address != "" {
		view.Cite += " " + address
	}
	return view
}

func (s *sheet) followSection() aboutSection {
	section := aboutSection{ID: "follow", Title: s.say("follow"), Text: s.say("follow-text")}
	section.Links = append(section.Links, link{Text: s.say("changes"), URL: s.to(s.changesPath(s.voice))})
	if s.feeds {
		feeds := s.feedLinks(publishers.AllChanges, s.say("feed-json"), s.say("feed-atom"))
		feeds = append(feeds, s.feedLinks("major", s.say("major-feed-json"), s.say("major-feed-atom"))...)
		for _, feed := range feeds {
			section.Links = append(section.Links, link{Text: feed.Text, URL: feed.URL})
		}
		section.Links = append(section.Links, link{Text: s.say("feed-list"), URL: s.to(publishers.FeedList)})
	}
	return section
}

func (s *sheet) embedSection() aboutSection {
	section := aboutSection{ID: "embed", Title: s.say("embed"), Text: s.say("embed-text")}
	address := s.addresses.whole("/" + embedFile)
	if address == "" {
		address = "https://…/" + embedFile
	}
	section.Code = fmt.Sprintf("<script type=\"module\" src=%q></script>\n<netsync-embed show=\"networks\" lang=%q></netsync-embed>", address, s.language)
	return section
}

func (s *sheet) eventsSection() aboutSection {
	stream := "netsync-" + s.edition.Position.Dataset
	return aboutSection{
		ID: "events", Title: s.say("events"), Text: s.sayf("events-text", stream),
		Code:  "nats subscribe 'netsync." + s.edition.Position.Dataset + ".>'",
		Links: []link{{Text: s.say("events-api"), URL: s.to(asyncAPI)}},
	}
}

// linkedDataset describes the data itself, for search engines of data sets.
func (s *sheet) linkedDataset(page *pageView) any {
	data := map[string]any{
		"@context":    schemaOrg,
		"@type":       "Dataset",
		"name":        page.Site.Title.Body,
		"description": page.Description,
		"version":     s.edition.Position.Changeset,
	}
	if address := s.addresses.whole(s.aboutPath(s.voices[0])); address != "" {
		data["@id"], data["url"] = address, address
	}
	if when := s.updated(); !when.IsZero() {
		data["dateModified"] = when.UTC().Format(time.RFC3339)
	}
	if address := licence(s.manifest.License).URL; address != "" {
		data["license"] = address
	}
	if card := s.catalog.cards[institution(s.manifest)]; card != nil {
		data["creator"] = s.linkedName(card)
	}
	var distribution []map[string]string
	for _, c := range schema.Collections() {
		if address := s.addresses.whole("/data/" + string(c) + ".json"); address != "" {
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
func (i *issue) dataIndex() ([]byte, error) {
	p := i.edition.Position
	var files []indexEntry
	for _, c := range schema.Collections() {
		for _, f := range formats {
			if f.headed || !i.catalog.large(c) {
				count := len(i.catalog.lists[string(c)])
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
	}{p.Dataset, p.Changeset, p.StateDigest, i.edition.Manifest.License, files}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the index of data files: %w", err)
	}
	return append(data, '\n'), nil
}
