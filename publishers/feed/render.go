package feed

import (
	"fmt"
	"time"

	"netsync/publishers"
	"netsync/schema"
)

// A header holds the properties of a feed, or of a page of its archive.
type header struct {
	Scope       scope
	Name        string // of the feed's network
	ID          string
	Title       string
	Description string
	Language    string
	Publisher   string
	PublisherAt string // URL; "" is none
	Home        string
	About       string // URL of the page about the data
	Hub         string // URL of the WebSub hub; "" is none
	Updated     time.Time
	Archived    int // number of archive pages
	Page        int // number of the archive page; 0 is the feed itself

	base string // of the website, without a trailing slash
	path string // of the feed, without an extension
}

// pageURL returns the URL of the feed or archive page; format is its extension.
func (h header) pageURL(format string) string {
	if h.Page > 0 {
		return h.base + "/" + pageName(h.path, h.Page) + format
	}
	return h.feedURL(format)
}

// feedURL returns the URL of the feed, also for a page of its archive.
func (h header) feedURL(format string) string { return h.base + "/" + h.path + format }

// previousURL returns the URL of the archive page with the next older items, or
// "" if there is none.
func (h header) previousURL(format string) string {
	n := h.Archived
	if h.Page > 0 {
		n = h.Page - 1
	}
	if n == 0 {
		return ""
	}
	return h.base + "/" + pageName(h.path, n) + format
}

// headerOf returns the header of a feed.
func (r renderer) headerOf(s *scopedFeed) header {
	label := r.feedLabel(s)
	h := header{
		Scope:       s.scope,
		Name:        s.name,
		ID:          feedID(r.dataset),
		Title:       fmt.Sprintf(r.Title, label),
		Description: fmt.Sprintf(r.Description, label),
		Language:    r.Language,
		Publisher:   r.publisherName(),
		PublisherAt: r.Manifest.Homepage,
		Home:        r.homeURL(s.scope),
		About:       r.baseURL + publishers.LanguagePath(r.Manifest, r.Language) + "about/",
		Hub:         r.hubURL,
		Updated:     s.updated,
		Archived:    s.pages,
		base:        r.baseURL,
		path:        s.filePath(r.Manifest),
	}
	if s.scope != allChanges || s.language != r.Manifest.DefaultLanguage() {
		h.ID += ":" + h.path
	}
	if s.scope == majorOnly {
		h.Title = fmt.Sprintf(r.Major, label)
	}
	return h
}

// feedLabel returns the name of a feed's topic, network or collection, or the
// dataset's title.
func (r renderer) feedLabel(s *scopedFeed) string {
	if topic, ok := s.scope.topicID(); ok {
		if label := cleanText(r.Describer.Text(r.Manifest.Vocabularies.Topics[topic])); label != "" {
			return label
		}
		return topic
	}
	if id, ok := s.scope.networkRecord(); ok {
		if s.name != "" {
			return s.name
		}
		return id.ID
	}
	if label, ok := r.Collections[schema.Collection(s.scope)]; ok {
		return label
	}
	return r.datasetTitle()
}

// homeURL returns the page of the website that a feed belongs to.
func (r renderer) homeURL(s scope) string {
	root := r.baseURL + publishers.LanguagePath(r.Manifest, r.Language)
	if id, ok := s.networkRecord(); ok {
		return r.recordURL(id)
	}
	if topic, ok := s.topicID(); ok {
		if _, known := r.Manifest.Vocabularies.Topics[topic]; known {
			return root + topicPrefix + topic + "/"
		}
	}
	return root
}

// renderItem renders an item in both formats.
func (r renderer) renderItem(s source) (renderedItem, error) {
	i, err := r.buildItem(s)
	if err != nil {
		return renderedItem{}, err
	}
	asJSON, err := encodeJSONItem(r.Language, i)
	if err != nil {
		return renderedItem{}, err
	}
	asAtom, err := encodeAtomEntry(i)
	return renderedItem{asJSON, asAtom}, err
}

// A file is one file of a release.
type file struct {
	name string
	data []byte
}

// renderFiles renders a feed, or a page of its archive.
func (h header) renderFiles(items []renderedItem) ([]file, error) {
	path := h.path
	if h.Page > 0 {
		path = pageName(path, h.Page)
	}
	asJSON, err := writeJSON(h, items)
	if err != nil {
		return nil, err
	}
	asAtom, err := writeAtom(h, items)
	return []file{{path + ".json", asJSON}, {path + ".xml", asAtom}}, err
}

// feedTime returns t in UTC and whole seconds, as in feeds.
func feedTime(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
