package feed

import (
	"fmt"
	"time"

	"netsync/publishers"
	"netsync/schema/describe"
)

// An outline is what a feed says of itself. Each feed of a dataset, be it of
// everything or of one network, topic or language, has one, and shows those
// of the items that belong to it.
type outline struct {
	ID          string
	Title       string
	Description string
	Language    string
	Publisher   string
	PublisherAt string // address; "" where there is none
	Home        string
	JSON, Atom  string // the feed's own addresses
	Updated     time.Time
}

// render makes all files of a release. It depends on nothing but the
// settings, the state and what is kept.
func (f *Feed) render(e publishers.Edition, k kept) ([]file, error) {
	t := f.teller(e)
	items, err := t.items(k.Items)
	if err != nil {
		return nil, err
	}
	o := t.outline(k)
	asJSON, err := encodeJSONFeed(o, items)
	if err != nil {
		return nil, err
	}
	asAtom, err := encodeAtom(o, items)
	if err != nil {
		return nil, err
	}
	source, err := k.encode()
	if err != nil {
		return nil, err
	}
	position, err := publishers.EncodePosition(e.Position)
	if err != nil {
		return nil, err
	}
	return []file{
		{JSONFile, asJSON}, {AtomFile, asAtom}, {keptFile, source}, {publishers.PositionFile, position},
	}, nil
}

func (f *Feed) teller(e publishers.Edition) teller {
	language := e.Manifest.DefaultLanguage()
	return teller{
		Describer: describe.Describer{Manifest: e.Manifest, State: e.State, Language: language},
		words:     wordsIn(language),
		dataset:   e.Position.Dataset,
		base:      f.BaseURL,
		content:   f.content,
	}
}

func (t teller) outline(k kept) outline {
	o := outline{
		ID:          feedID(t.dataset),
		Title:       fmt.Sprintf(t.Title, t.title()),
		Description: fmt.Sprintf(t.Description, t.title()),
		Language:    t.Language,
		Publisher:   t.publisher(),
		PublisherAt: t.Manifest.Homepage,
		Home:        t.base + publishers.LanguagePath(t.Manifest, t.Language),
		JSON:        t.base + "/" + JSONFile,
		Atom:        t.base + "/" + AtomFile,
		Updated:     k.Updated.UTC().Truncate(time.Second),
	}
	if len(k.Items) > 0 {
		o.Updated = k.Items[0].Time.UTC().Truncate(time.Second)
	}
	return o
}
