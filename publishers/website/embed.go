package website

import (
	"encoding/json"
	"fmt"
	"strings"

	"netsync/publishers/markup"
	"netsync/schema"
)

// embedFile is the script with which another site shows a part of this one. Its
// address never changes, unlike those of the site's own assets.
const embedFile = "embed.js"

// Fragments are parts of pages, without a frame, for the pages of others:
// fragments/networks.html, fragments/changes.html and a fragment for each
// network, and the same in other languages below fragments/<language>/.

func fragmentFolder(v *voice) string {
	if v.language == v.manifest.DefaultLanguage() {
		return "fragments/"
	}
	return "fragments/" + strings.ToLower(v.language) + "/"
}

func fragmentFile(v *voice, name string) string { return fragmentFolder(v) + name + ".html" }

func oembedFile(v *voice, id schema.RecordID) string {
	return "oembed/" + strings.TrimPrefix(fragmentFolder(v), "fragments/") + id.String() + ".json"
}

// fragmentView is a fragment, with whole addresses where they are known.
type fragmentView struct {
	Lang, Dir string
	Title     text
	Source    link // the page that the fragment stands for
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
	When     moment
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

// shared makes a sheet whose links work on any page: whole addresses where the
// host is known, else from the server's root.
func (i *issue) shared(v *voice) *sheet {
	return &sheet{i, v, "", i.addresses.origin + i.addresses.base}
}

// maxFragment is how much a fragment lists.
const maxFragment = 20

func (i *issue) planFragments(all *plan, v *voice, due *due) {
	all.add(fragmentFile(v, "changes"), func() ([]byte, error) { return i.changesFragment(v) })
	if due.networks {
		all.add(fragmentFile(v, "networks"), func() ([]byte, error) { return i.networksFragment(v) })
	}
}

// planEmbedding adds the fragment of a network, and its description for
// consumers of oEmbed (oembed.com, 2.3.4.4: rich).
func (i *issue) planEmbedding(all *plan, v *voice, id schema.RecordID) {
	all.add(fragmentFile(v, id.String()), func() ([]byte, error) {
		view, err := i.networkFragment(v, i.read(id))
		if err != nil {
			return nil, err
		}
		return i.execute("fragment.html", view)
	})
	if i.addresses.origin != "" {
		all.add(oembedFile(v, id), func() ([]byte, error) { return i.oembed(v, i.read(id)) })
	}
}

func (i *issue) networkFragment(v *voice, r *reading) (fragmentView, error) {
	s := i.shared(v)
	n, err := decodeAs[schema.Network](r)
	if err != nil {
		return fragmentView{}, err
	}
	shown := &fragmentNetwork{
		Name:    s.reference(r.ID),
		Status:  s.membershipBadge(n.Membership.Status),
		Summary: s.text(n.Summary),
	}
	var facts factList
	facts.addText(s.say("since"), s.date(n.Membership.Since))
	if n.Members != nil && n.Members.Count != nil {
		facts.add(s.say("members"), s.number(*n.Members.Count, n.Members.Approximate, n.Members.AsOf))
	}
	facts.add(s.say("links"), s.links(n.Links)...)
	shown.Facts = facts
	return s.fragment(func(f *fragmentView) { f.Network = shown }), nil
}

func (s *sheet) fragment(fill func(*fragmentView)) fragmentView {
	view := fragmentView{Lang: s.language, Dir: s.direction, Title: s.text(s.manifest.Title)}
	view.Source = link{Text: view.Title, URL: s.to(s.overviewPath(s.voice))}
	fill(&view)
	return view
}

func (i *issue) networksFragment(v *voice) ([]byte, error) {
	s := i.shared(v)
	var items []fragmentItem
	for _, tier := range []string{"tier/key", "tier/member"} {
		for _, card := range i.catalog.lists[tier][:min(s.limits.overview, len(i.catalog.lists[tier]))] {
			items = append(items, fragmentItem{s.cardLink(card), s.text(card.summary)})
		}
	}
	return i.execute("fragment.html", s.fragment(func(f *fragmentView) { f.Networks = items }))
}

func (i *issue) changesFragment(v *voice) ([]byte, error) {
	s := i.shared(v)
	d := i.describer(v)
	changes := []fragmentChange{}
	for _, entry := range i.history.log.Entries {
		if len(entry.Bulk) > 0 {
			changes = append(changes, fragmentChange{When: s.moment(entry.Time), Sentence: capital(d.Tally(entry.Bulk))})
		}
		for _, c := range entry.Changes {
			change := fragmentChange{When: s.moment(entry.Time), Sentence: d.Sentence(c)}
			if i.catalog.cards[c.RecordID()] != nil {
				change.URL = s.to(i.recordPath(v, c.RecordID()))
			}
			changes = append(changes, change)
		}
		if len(changes) >= maxFragment {
			changes = changes[:maxFragment]
			break
		}
	}
	return i.execute("fragment.html", s.fragment(func(f *fragmentView) {
		f.Changes = changes
		f.Source = link{Text: s.say("changes"), URL: s.to(i.changesPath(v))}
	}))
}

func (i *issue) oembed(v *voice, r *reading) ([]byte, error) {
	view, err := i.networkFragment(v, r)
	if err != nil {
		return nil, err
	}
	html, err := i.execute("fragment.html", view)
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
