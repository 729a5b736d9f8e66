package website

import (
	"encoding/json"
	"fmt"
	"strings"

	"netsync/publishers/markup"
	"netsync/schema"
)

// embedFile is the script that shows a part of this site on another one.
// Unlike the addresses of other assets, its address never changes.
const embedFile = "embed.js"

// Fragments are parts of pages without a layout, for other websites:
// fragments/networks.html, fragments/changes.html and one for each network,
// and the same in other languages below fragments/<language>/.

func fragmentFolder(l *locale) string {
	if l.language == l.manifest.DefaultLanguage() {
		return "fragments/"
	}
	return "fragments/" + strings.ToLower(l.language) + "/"
}

func fragmentFile(l *locale, name string) string { return fragmentFolder(l) + name + ".html" }

func oembedFile(l *locale, id schema.RecordID) string {
	return "oembed/" + strings.TrimPrefix(fragmentFolder(l), "fragments/") + id.String() + ".json"
}

// fragmentView is a fragment. Its addresses are absolute if the host is known.
type fragmentView struct {
	Lang, Dir string
	Title     text
	Source    link // the page that has more
	Networks  []fragmentItem
	Changes   []fragmentChange
	Network   *fragmentNetwork
}

// fragmentItem is a network in a list.
type fragmentItem struct {
	link
	Summary text
}

// fragmentChange is a change in one line.
type fragmentChange struct {
	When     timestamp
	Sentence string
	URL      string
}

// fragmentNetwork is one network.
type fragmentNetwork struct {
	Name    link
	Status  *badge
	Summary text
	Facts   []fact
}

// newFragmentContext returns a context whose links work on other websites.
// They begin at the server's root if the host is unknown.
func (b *build) newFragmentContext(l *locale) *pageContext {
	return &pageContext{b, l, "", b.addresses.origin + b.addresses.base}
}

// maxFragment limits the changes in a fragment.
const maxFragment = 20

func (b *build) planFragments(all *plan, l *locale, stale *staleSet) {
	all.add(fragmentFile(l, "changes"), func() ([]byte, error) { return b.renderChangesFragment(l) })
	if stale.networksChanged {
		all.add(fragmentFile(l, "networks"), func() ([]byte, error) { return b.renderNetworksFragment(l) })
	}
}

// planNetworkFragment adds the fragment of a network and its oEmbed
// description (oembed.com, 2.3.4.4: rich).
func (b *build) planNetworkFragment(all *plan, l *locale, id schema.RecordID) {
	all.add(fragmentFile(l, id.String()), func() ([]byte, error) {
		view, err := b.networkFragmentView(l, b.readRecord(id))
		if err != nil {
			return nil, err
		}
		return b.executeTemplate("fragment.html", view)
	})
	if b.addresses.origin != "" {
		all.add(oembedFile(l, id), func() ([]byte, error) { return b.renderOEmbed(l, b.readRecord(id)) })
	}
}

func (b *build) networkFragmentView(l *locale, r *decodedRecord) (fragmentView, error) {
	p := b.newFragmentContext(l)
	n, err := decodeAs[schema.Network](r)
	if err != nil {
		return fragmentView{}, err
	}
	view := &fragmentNetwork{
		Name:    p.recordLink(r.ID),
		Status:  p.membershipBadge(n.Membership.Status),
		Summary: p.localText(n.Summary),
	}
	var facts factList
	facts.addText(p.labelText("since"), p.dateText(n.Membership.Since))
	if n.Members != nil && n.Members.Count != nil {
		facts.add(p.labelText("members"), p.countLink(*n.Members.Count, n.Members.Approximate, n.Members.AsOf))
	}
	facts.add(p.labelText("links"), p.webLinks(n.Links)...)
	view.Facts = facts
	return p.fragmentView(func(f *fragmentView) { f.Network = view }), nil
}

func (p *pageContext) fragmentView(fill func(*fragmentView)) fragmentView {
	view := fragmentView{Lang: p.language, Dir: p.direction, Title: p.localText(p.manifest.Title)}
	view.Source = link{Text: view.Title, URL: p.urlFor(p.overviewPath(p.locale))}
	fill(&view)
	return view
}

func (b *build) renderNetworksFragment(l *locale) ([]byte, error) {
	p := b.newFragmentContext(l)
	var items []fragmentItem
	for _, tier := range []string{"tier/key", "tier/member"} {
		for _, card := range b.catalog.lists[tier][:min(p.limits.overview, len(b.catalog.lists[tier]))] {
			items = append(items, fragmentItem{p.cardLink(card), p.localText(card.summary)})
		}
	}
	return b.executeTemplate("fragment.html", p.fragmentView(func(f *fragmentView) { f.Networks = items }))
}

func (b *build) renderChangesFragment(l *locale) ([]byte, error) {
	p := b.newFragmentContext(l)
	d := b.newDescriber(l)
	changes := []fragmentChange{}
	for _, entry := range b.history.log.Entries {
		if len(entry.Bulk) > 0 {
			changes = append(changes, fragmentChange{When: p.formatTime(entry.Time), Sentence: capitalizeFirst(d.Tally(entry.Bulk))})
		}
		for _, c := range entry.Changes {
			change := fragmentChange{When: p.formatTime(entry.Time), Sentence: d.Sentence(c)}
			if b.catalog.cards[c.RecordID()] != nil {
				change.URL = p.urlFor(b.recordPath(l, c.RecordID()))
			}
			changes = append(changes, change)
		}
		if len(changes) >= maxFragment {
			changes = changes[:maxFragment]
			break
		}
	}
	return b.executeTemplate("fragment.html", p.fragmentView(func(f *fragmentView) {
		f.Changes = changes
		f.Source = link{Text: p.labelText("changes"), URL: p.urlFor(b.changesPath(l))}
	}))
}

func (b *build) renderOEmbed(l *locale, r *decodedRecord) ([]byte, error) {
	view, err := b.networkFragmentView(l, r)
	if err != nil {
		return nil, err
	}
	html, err := b.executeTemplate("fragment.html", view)
	if err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(map[string]any{
		"version":       "1.0",
		"type":          "rich",
		"title":         view.Network.Name.Text.Body,
		"provider_name": view.Title.Body,
		"provider_url":  view.Source.URL,
		"description":   markup.Line(view.Network.Summary.Body),
		"html":          string(html),
		"width":         480,
		"height":        nil,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the oEmbed of %s: %w", r.ID, err)
	}
	return append(data, '\n'), nil
}
