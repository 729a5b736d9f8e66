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

// An updater applies an edition to the feeds. It applies the changesets one by
// one, so the feeds do not depend on how the history is divided into editions.
type updater struct {
	metadata
	feed  *Feed
	past  *pastState
	names []string // of the previous release's files, sorted; nil if there is none
	read  func(name string) ([]byte, error)

	manifest     *schema.Manifest
	manifestJSON json.RawMessage // that manifest was decoded from
	feeds        map[feedKey]*scopedFeed
	touched      map[feedKey]bool
	written      map[string][]byte // files to write
	removed      map[string]bool   // files to remove
	listChanged  bool              // the OPML list has to be rendered
}

// applyEdition returns the files that an edition changes. m describes the
// previous release, and names are its files.
func (f *Feed) applyEdition(m metadata, e publishers.Edition, names []string) (*updater, error) {
	entries := e.Entries
	for len(entries) > 0 && entries[0].Sequence <= m.Position.Sequence {
		entries = entries[1:]
	}
	u := &updater{
		metadata: m, feed: f, past: stateBefore(e.State, entries), names: names, read: f.dir.ReadFile,
		feeds: make(map[feedKey]*scopedFeed), touched: make(map[feedKey]bool), written: make(map[string][]byte), removed: make(map[string]bool),
	}
	for _, entry := range entries {
		if err := u.addChangeset(e.Position.Dataset, entry); err != nil {
			return nil, fmt.Errorf("changeset %s: %w", entry.Changeset.ID, err)
		}
	}
	// An edition without entries has a new position only: the stream has a new epoch.
	if err := u.readManifest(e.Changeset.Manifest); err != nil {
		return nil, err
	}
	u.metadata.Format, u.metadata.Settings, u.metadata.Position = metadataFormat, f.settingsDigest(), e.Position
	return u, u.renderTouched(e)
}

// addChangeset adds the items of a changeset to their feeds.
func (u *updater) addChangeset(dataset string, entry publishers.Entry) error {
	if err := u.readManifest(entry.Changeset.Manifest); err != nil {
		return err
	}
	u.past.applyEntry(entry)
	for _, c := range entry.Changes {
		if c.Collection == schema.Networks && c.Op != event.Updated {
			u.listChanged = true
		}
	}
	renderers := u.newRenderers(dataset)
	if err := u.updateHeaders(renderers); err != nil {
		return err
	}
	sources := sourcesByScope(entry, u.feed.Least)
	for _, r := range renderers {
		rendered := make(map[*event.Change]renderedItem) // an item is the same in every feed
		for s, items := range sources {
			if err := u.addItems(feedKey{s, r.Language}, r, entry, items, rendered); err != nil {
				return err
			}
		}
	}
	return nil
}

// addItems adds items to a feed, and moves full pages to its archive. A feed
// that would be empty gets an item saying that it begins.
func (u *updater) addItems(k feedKey, r renderer, entry publishers.Entry, sources []source, rendered map[*event.Change]renderedItem) error {
	s, err := u.openFeed(k)
	if err != nil {
		return err
	}
	if len(sources) == 0 && len(s.items) == 0 {
		sources = []source{{Changeset: entry.Changeset.ID, Time: entry.Time, Scope: k.scope}}
	}
	for _, source := range sources {
		item, ok := rendered[source.Change]
		if !ok || source.Change == nil {
			if item, err = r.renderItem(source); err != nil {
				return err
			}
		}
		if source.Change != nil {
			rendered[source.Change] = item
		}
		s.add(item, feedTime(source.Time))
	}
	if u.updateName(s, r) || len(sources) > 0 {
		u.touched[k] = true
	}
	for {
		page, ok := s.nextPage(u.feed.Items, u.feed.pageSize)
		if !ok {
			return nil
		}
		h := r.headerOf(s)
		h.Page = s.pages + 1
		if err := u.renderFeed(h, page); err != nil {
			return err
		}
		s.pages++
		s.items = s.items[len(page):]
	}
}

// updateName sets a feed's name to that of its network. The feed of a removed
// network keeps its name.
func (u *updater) updateName(s *scopedFeed, r renderer) (changed bool) {
	about, ok := s.scope.networkRecord()
	if !ok {
		return false
	}
	name := about.ID
	if record, ok := u.past.Get(about); ok {
		name = cleanText(r.Name(record))
	} else if s.name != "" {
		name = s.name
	}
	changed = name != s.name
	s.name, u.listChanged = name, u.listChanged || changed
	return changed
}

// openFeed returns a feed that is open, one loaded from the previous release, or
// a new one.
func (u *updater) openFeed(k feedKey) (*scopedFeed, error) {
	if s, ok := u.feeds[k]; ok {
		return s, nil
	}
	s := &scopedFeed{feedKey: k}
	u.feeds[k] = s
	path := k.filePath(u.manifest)
	if !u.hasFile(path + ".json") {
		u.listChanged = true
		return s, nil
	}
	asJSON, err := u.read(path + ".json")
	if err != nil {
		return nil, wrapMissing(err)
	}
	asAtom, err := u.read(path + ".xml")
	if err != nil {
		return nil, wrapMissing(err)
	}
	if err := s.load(asJSON, asAtom); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errNeedsRebuild, path, err)
	}
	return s, nil
}

// wrapMissing adds errNeedsRebuild to the error of a missing file. Other read
// errors may be temporary.
func wrapMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", errNeedsRebuild, err)
	}
	return err
}

// hasFile reports whether the previous release has a file that is not to be
// removed.
func (u *updater) hasFile(name string) bool {
	_, ok := slices.BinarySearch(u.names, name)
	return ok && !u.removed[name]
}

func (u *updater) readManifest(data json.RawMessage) error {
	if u.manifest != nil && bytes.Equal(data, u.manifestJSON) {
		return nil
	}
	m, err := schema.DecodeManifest(data)
	if err != nil {
		return err
	}
	u.manifest, u.manifestJSON = m, data
	return nil
}

// newRenderers returns a renderer for each language. They read records from
// pastState.
func (u *updater) newRenderers(dataset string) []renderer {
	var all []renderer
	for _, language := range u.manifest.Languages {
		all = append(all, renderer{
			Describer: story.Describer{Manifest: u.manifest, State: u.past, Language: language},
			words:     wordsIn(language),
			dataset:   dataset,
			baseURL:   u.feed.BaseURL,
			hubURL:    u.feed.Hub,
			content:   u.feed.content,
		})
	}
	return all
}

// updateHeaders marks all feeds for rendering if the header fields that they
// share have changed. It removes the feeds of removed languages.
func (u *updater) updateHeaders(renderers []renderer) error {
	digest := headerDigest(renderers)
	if digest == u.HeaderDigest {
		return nil
	}
	u.dropLanguages(u.Languages, u.manifest.Languages)
	u.HeaderDigest, u.Languages, u.listChanged = digest, slices.Clone(u.manifest.Languages), true
	for _, p := range u.listFeeds() {
		if _, err := u.openFeed(p); err != nil {
			return err
		}
		u.touched[p] = true
	}
	return nil
}

// headerDigest returns the digest of the header fields that all feeds share.
func headerDigest(renderers []renderer) schema.Digest {
	fields := []any{}
	for _, r := range renderers {
		fields = append(fields, r.Language, r.datasetTitle(), r.publisherName(), r.Manifest.Homepage, r.Manifest.Vocabularies.Topics)
	}
	data, err := json.Marshal(fields)
	if err != nil {
		panic(err) // texts can be encoded
	}
	return schema.DigestOf(data)
}

// dropLanguages removes the feeds of removed languages. If the default language
// changes it removes all feeds, as every path now means another feed.
func (u *updater) dropLanguages(before, after []string) {
	another := len(before) > 0 && before[0] != after[0]
	for _, language := range before {
		if slices.Contains(after, language) && !another {
			continue
		}
		below := "feeds" + publishers.LanguagePath(&schema.Manifest{Languages: before}, language)
		isOf := func(name string) bool {
			return strings.HasPrefix(name, below) || another && strings.HasPrefix(name, "feed.")
		}
		for _, name := range u.names {
			if isOf(name) {
				u.removed[name] = true
			}
		}
		maps.DeleteFunc(u.written, func(name string, _ []byte) bool { return isOf(name) })
		maps.DeleteFunc(u.feeds, func(k feedKey, _ *scopedFeed) bool { return k.language == language })
		maps.DeleteFunc(u.touched, func(k feedKey, _ bool) bool { return k.language == language })
	}
}

// listFeeds returns the open feeds and those of the previous release.
func (u *updater) listFeeds() []feedKey {
	keys := slices.Collect(maps.Keys(u.feeds))
	kept := slices.DeleteFunc(slices.Clone(u.names), func(name string) bool { return u.removed[name] })
	for _, p := range findFeeds(u.manifest, kept) {
		if _, ok := u.feeds[p]; !ok {
			keys = append(keys, p)
		}
	}
	return keys
}

// renderTouched renders the touched feeds, the list of feeds if it changed, and
// the release's metadata and position.
func (u *updater) renderTouched(e publishers.Edition) error {
	renderers := u.newRenderers(e.Position.Dataset)
	for _, r := range renderers {
		for p := range u.touched {
			if p.language != r.Language {
				continue
			}
			s := u.feeds[p]
			if err := u.renderFeed(r.headerOf(s), s.items); err != nil {
				return err
			}
		}
	}
	if u.listChanged {
		list, err := u.renderList(renderers, e.State)
		if err != nil {
			return err
		}
		u.written[listFile] = list
	}
	var err error
	if u.written[metadataFile], err = u.metadata.encode(); err != nil {
		return err
	}
	u.written[publishers.PositionFile], err = publishers.EncodePosition(e.Position)
	return err
}

// touchedPaths returns the paths of the touched feeds.
func (u *updater) touchedPaths() []string {
	var paths []string
	for p := range u.touched {
		paths = append(paths, p.filePath(u.manifest))
	}
	return paths
}

func (u *updater) renderFeed(h header, items []renderedItem) error {
	files, err := h.renderFiles(items)
	for _, f := range files {
		u.written[f.name] = f.data
		delete(u.removed, f.name)
	}
	return err
}
