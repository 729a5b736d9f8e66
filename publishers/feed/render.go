package feed

import (
	"fmt"
	"time"

	"netsync/publishers"
	"netsync/schema"
)

// An outline is what a feed, or a page of its archive, says of itself.
type outline struct {
	Scope       scope
	Name        string // of the network that it is about
	ID          string
	Title       string
	Description string
	Language    string
	Publisher   string
	PublisherAt string // address; "" where there is none
	Home        string
	About       string // the page about the data
	Hub         string // of WebSub; "" where there is none
	Updated     time.Time
	Archived    int // pages of the archive
	Page        int // of the archive; 0 is the feed itself

	base string // address of the website, without a slash at the end
	path string // of the feed, without what tells the format
}

// url is the address of the feed or page in a format.
func (o outline) url(format string) string {
	if o.Page > 0 {
		return o.base + "/" + pageName(o.path, o.Page) + format
	}
	return o.current(format)
}

// current is the address of the feed that a page belongs to.
func (o outline) current(format string) string { return o.base + "/" + o.path + format }

// previous is the address of the page with what came before; "" where nothing
// did.
func (o outline) previous(format string) string {
	n := o.Archived
	if o.Page > 0 {
		n = o.Page - 1
	}
	if n == 0 {
		return ""
	}
	return o.base + "/" + pageName(o.path, n) + format
}

// outline describes a strand.
func (t teller) outline(s *strand) outline {
	label := t.label(s)
	o := outline{
		Scope:       s.scope,
		Name:        s.name,
		ID:          feedID(t.dataset),
		Title:       fmt.Sprintf(t.Title, label),
		Description: fmt.Sprintf(t.Description, label),
		Language:    t.Language,
		Publisher:   t.publisher(),
		PublisherAt: t.Manifest.Homepage,
		Home:        t.home(s.scope),
		About:       t.base + publishers.LanguagePath(t.Manifest, t.Language) + "about/",
		Hub:         t.hub,
		Updated:     s.updated,
		Archived:    s.pages,
		base:        t.base,
		path:        s.path(t.Manifest),
	}
	if s.scope != everything || s.language != t.Manifest.DefaultLanguage() {
		o.ID += ":" + o.path
	}
	if s.scope == majorOnly {
		o.Title = fmt.Sprintf(t.Major, label)
	}
	return o
}

// label is what a feed is about.
func (t teller) label(s *strand) string {
	if topic, ok := s.scope.topic(); ok {
		if label := clean(t.Describer.Text(t.Manifest.Vocabularies.Topics[topic])); label != "" {
			return label
		}
		return topic
	}
	if id, ok := s.scope.network(); ok {
		if s.name != "" {
			return s.name
		}
		return id.ID
	}
	if label, ok := t.Collections[schema.Collection(s.scope)]; ok {
		return label
	}
	return t.title()
}

// home is the page that a feed belongs to.
func (t teller) home(s scope) string {
	root := t.base + publishers.LanguagePath(t.Manifest, t.Language)
	if id, ok := s.network(); ok {
		return t.page(id)
	}
	if topic, ok := s.topic(); ok {
		if _, known := t.Manifest.Vocabularies.Topics[topic]; known {
			return root + topicsOf + topic + "/"
		}
	}
	return root
}

// fragmentOf renders an item in both formats.
func (t teller) fragmentOf(s source) (fragment, error) {
	i, err := t.item(s)
	if err != nil {
		return fragment{}, err
	}
	asJSON, err := encodeJSONItem(t.Language, i)
	if err != nil {
		return fragment{}, err
	}
	asAtom, err := encodeAtomEntry(i)
	return fragment{asJSON, asAtom}, err
}

// A file is one file of a release.
type file struct {
	name string
	data []byte
}

// files renders a feed, or a page of its archive.
func (o outline) files(items []fragment) ([]file, error) {
	path := o.path
	if o.Page > 0 {
		path = pageName(path, o.Page)
	}
	asJSON, err := writeJSON(o, items)
	if err != nil {
		return nil, err
	}
	asAtom, err := writeAtom(o, items)
	return []file{{path + ".json", asJSON}, {path + ".xml", asAtom}}, err
}

// moment is a time as feeds tell it.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
