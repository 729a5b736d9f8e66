package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
)

// A growth is what becomes of the feeds by an edition. It goes through the
// changesets one by one and makes of each what it would have made had it come
// alone: the feeds depend on the history, and not on how it was cut into
// editions.
type growth struct {
	kept
	feed  *Feed
	past  *past
	names []string // of the files there were; nil where nothing is there
	read  func(name string) ([]byte, error)

	manifest *schema.Manifest
	source   json.RawMessage // of the manifest
	strands  map[place]*strand
	touched  map[place]bool
	written  map[string][]byte // what is to be written
	gone     map[string]bool   // what is to be removed
	listed   bool              // the list of feeds changes
}

// grow takes an edition in.
func (f *Feed) grow(k kept, e publishers.Edition, names []string) (*growth, error) {
	entries := e.Entries
	for len(entries) > 0 && entries[0].Sequence <= k.Position.Sequence {
		entries = entries[1:]
	}
	g := &growth{
		kept: k, feed: f, past: before(e.State, entries), names: names, read: f.dir.ReadFile,
		strands: make(map[place]*strand), touched: make(map[place]bool), written: make(map[string][]byte), gone: make(map[string]bool),
	}
	for _, entry := range entries {
		if err := g.add(e.Position.Dataset, entry); err != nil {
			return nil, fmt.Errorf("changeset %s: %w", entry.Changeset.ID, err)
		}
	}
	// Without entries the position alone is another: the stream has a new epoch.
	if err := g.readManifest(e.Changeset.Manifest); err != nil {
		return nil, err
	}
	g.kept.Format, g.kept.Settings, g.kept.Position = keptFormat, f.settings(), e.Position
	return g, g.finish(e)
}

// add takes a changeset in.
func (g *growth) add(dataset string, entry publishers.Entry) error {
	if err := g.readManifest(entry.Changeset.Manifest); err != nil {
		return err
	}
	g.past.advance(entry)
	for _, c := range entry.Changes {
		if c.Collection == schema.Networks && c.Op != event.Updated {
			g.listed = true
		}
	}
	tellers := g.tellers(dataset)
	if err := g.reframe(tellers); err != nil {
		return err
	}
	sources := sourcesOf(entry, g.feed.Least)
	for _, t := range tellers {
		made := make(map[*event.Change]fragment) // an item is the same in every feed
		for s, items := range sources {
			if err := g.addTo(place{s, t.Language}, t, entry, items, made); err != nil {
				return err
			}
		}
	}
	return nil
}

// addTo adds items to a feed, and moves to its archive what fills a page. A
// feed that would have none begins with an item that says so.
func (g *growth) addTo(p place, t teller, entry publishers.Entry, sources []source, made map[*event.Change]fragment) error {
	s, err := g.strand(p)
	if err != nil {
		return err
	}
	if len(sources) == 0 && len(s.items) == 0 {
		sources = []source{{Changeset: entry.Changeset.ID, Time: entry.Time, Scope: p.scope}}
	}
	for _, source := range sources {
		item, ok := made[source.Change]
		if !ok || source.Change == nil {
			if item, err = t.fragmentOf(source); err != nil {
				return err
			}
		}
		if source.Change != nil {
			made[source.Change] = item
		}
		s.add(item, moment(source.Time))
	}
	if g.rename(s, t) || len(sources) > 0 {
		g.touched[p] = true
	}
	for {
		page, ok := s.full(g.feed.Items, g.feed.page)
		if !ok {
			return nil
		}
		o := t.outline(s)
		o.Page = s.pages + 1
		if err := g.write(o, page); err != nil {
			return err
		}
		s.pages++
		s.items = s.items[len(page):]
	}
}

// rename lets a feed have its network's name. One that is gone keeps its last.
func (g *growth) rename(s *strand, t teller) (changed bool) {
	about, ok := s.scope.network()
	if !ok {
		return false
	}
	name := about.ID
	if r, ok := g.past.Get(about); ok {
		name = clean(t.Name(r))
	} else if s.name != "" {
		name = s.name
	}
	changed = name != s.name
	s.name, g.listed = name, g.listed || changed
	return changed
}

// strand returns a feed: one that was touched, one of the release or a new one.
func (g *growth) strand(p place) (*strand, error) {
	if s, ok := g.strands[p]; ok {
		return s, nil
	}
	s := &strand{place: p}
	g.strands[p] = s
	path := p.path(g.manifest)
	if !g.has(path + ".json") {
		g.listed = true
		return s, nil
	}
	asJSON, err := g.read(path + ".json")
	if err != nil {
		return nil, lost(err)
	}
	asAtom, err := g.read(path + ".xml")
	if err != nil {
		return nil, lost(err)
	}
	if err := s.load(asJSON, asAtom); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errLost, path, err)
	}
	return s, nil
}

// lost tells a file that is gone, or is not what was written, from one that
// cannot be read now.
func lost(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", errLost, err)
	}
	return err
}

// has reports whether the release before has a file that is to stay.
func (g *growth) has(name string) bool {
	_, ok := slices.BinarySearch(g.names, name)
	return ok && !g.gone[name]
}

func (g *growth) readManifest(data json.RawMessage) error {
	if g.manifest != nil && bytes.Equal(data, g.source) {
		return nil
	}
	m, err := schema.DecodeManifest(data)
	if err != nil {
		return err
	}
	g.manifest, g.source = m, data
	return nil
}

// tellers are one for each language, who tell of the past.
func (g *growth) tellers(dataset string) []teller {
	var all []teller
	for _, language := range g.manifest.Languages {
		all = append(all, teller{
			Describer: story.Describer{Manifest: g.manifest, State: g.past, Language: language},
			words:     wordsIn(language),
			dataset:   dataset,
			base:      g.feed.BaseURL,
			hub:       g.feed.Hub,
			content:   g.feed.content,
		})
	}
	return all
}

// reframe notices where what all feeds say of themselves changes. Those in a
// language that is gone go as well, and where the default language is another
// all addresses mean something else, so that all begin again.
func (g *growth) reframe(tellers []teller) error {
	frame := frameOf(tellers)
	if frame == g.Frame {
		return nil
	}
	g.drop(g.Languages, g.manifest.Languages)
	g.Frame, g.Languages, g.listed = frame, slices.Clone(g.manifest.Languages), true
	for _, p := range g.places() {
		if _, err := g.strand(p); err != nil {
			return err
		}
		g.touched[p] = true
	}
	return nil
}

// frameOf is the digest of what all feeds say of themselves alike.
func frameOf(tellers []teller) schema.Digest {
	frame := []any{}
	for _, t := range tellers {
		frame = append(frame, t.Language, t.title(), t.publisher(), t.Manifest.Homepage, t.Manifest.Vocabularies.Topics)
	}
	data, err := json.Marshal(frame)
	if err != nil {
		panic(err) // texts can be encoded
	}
	return schema.DigestOf(data)
}

// drop removes the feeds of languages that there are no more.
func (g *growth) drop(before, after []string) {
	another := len(before) > 0 && before[0] != after[0]
	for _, language := range before {
		if slices.Contains(after, language) && !another {
			continue
		}
		below := "feeds" + publishers.LanguagePath(&schema.Manifest{Languages: before}, language)
		of := func(name string) bool {
			return strings.HasPrefix(name, below) || another && strings.HasPrefix(name, "feed.")
		}
		for _, name := range g.names {
			if of(name) {
				g.gone[name] = true
			}
		}
		maps.DeleteFunc(g.written, func(name string, _ []byte) bool { return of(name) })
		maps.DeleteFunc(g.strands, func(p place, _ *strand) bool { return p.language == language })
		maps.DeleteFunc(g.touched, func(p place, _ bool) bool { return p.language == language })
	}
}

// places lists the feeds there are.
func (g *growth) places() []place {
	places := slices.Collect(maps.Keys(g.strands))
	kept := slices.DeleteFunc(slices.Clone(g.names), func(name string) bool { return g.gone[name] })
	for _, p := range placesOf(g.manifest, kept) {
		if _, ok := g.strands[p]; !ok {
			places = append(places, p)
		}
	}
	return places
}

// finish renders the feeds that were touched, and what belongs to them all.
func (g *growth) finish(e publishers.Edition) error {
	tellers := g.tellers(e.Position.Dataset)
	for _, t := range tellers {
		for p := range g.touched {
			if p.language != t.Language {
				continue
			}
			s := g.strands[p]
			if err := g.write(t.outline(s), s.items); err != nil {
				return err
			}
		}
	}
	if g.listed {
		list, err := g.list(tellers, e.State)
		if err != nil {
			return err
		}
		g.written[listFile] = list
	}
	var err error
	if g.written[keptFile], err = g.kept.encode(); err != nil {
		return err
	}
	g.written[publishers.PositionFile], err = publishers.EncodePosition(e.Position)
	return err
}

// paths are the feeds that changed.
func (g *growth) paths() []string {
	var paths []string
	for p := range g.touched {
		paths = append(paths, p.path(g.manifest))
	}
	return paths
}

func (g *growth) write(o outline, items []fragment) error {
	files, err := o.files(items)
	for _, f := range files {
		g.written[f.name] = f.data
		delete(g.gone, f.name)
	}
	return err
}
