package snapshot

import (
	"net/url"
	"slices"
	"strings"
	"unique"

	"netsync/schema"
)

// gather notes what a document refers to and claims, by the annotations of its
// schema.
func (f *File) gather(d *Document, c schema.Context) {
	if f.Role == Record {
		f.Claims = append(f.Claims, Claim{ClaimID, f.ID.ID, "/id", d.Locate("/id")})
	}
	schema.ShapeOf(f.ID.Collection).WalkNames(d.Value, func(s *schema.Shape, name string, at *schema.Path) {
		pointer := kept(at.String())
		f.Refs = append(f.Refs, Ref{targetOf(s, name), pointer, d.Locate(pointer)})
	})
	slices.SortFunc(f.Refs, func(a, b Ref) int { return strings.Compare(a.Pointer, b.Pointer) })
	if f.Role == Record {
		f.claim(d, c)
	}
}

// kept returns a string that many files share, and that does not hold on to the
// text of the file that it was read from.
func kept(s string) string { return unique.Make(s).Value() }

func targetOf(s *schema.Shape, name string) Target {
	switch {
	case s.Reference != "":
		return Target{Record: schema.RecordID{Collection: s.Reference, ID: kept(name)}}
	case s.Vocabulary != "":
		return Target{Vocabulary: s.Vocabulary, Term: kept(name)}
	}
	return Target{Asset: kept(name)}
}

func (f *File) claim(d *Document, c schema.Context) {
	add := func(kind ClaimKind, value, pointer string) {
		f.Claims = append(f.Claims, Claim{kind, strings.Clone(value), kept(pointer), d.Locate(pointer)})
	}
	for i, alias := range texts(d.Value["aliases"]) {
		f.Aliases = append(f.Aliases, kept(alias))
		add(ClaimAlias, alias, "/aliases/"+itoa(i))
	}
	switch name := d.Value["name"].(type) {
	case string:
		add(ClaimName, claimedName(c.Language, name), "/name")
	case map[string]any:
		for _, language := range sortedKeys(name) {
			if text, ok := name[language].(string); ok {
				add(ClaimName, claimedName(language, text), PointerTo("/name", language))
			}
		}
	}
	identifiers, _ := d.Value["identifiers"].(map[string]any)
	for _, registry := range sortedKeys(identifiers) {
		if value, ok := identifiers[registry].(string); ok {
			add(ClaimIdentifier, registry+" "+strings.ReplaceAll(value, " ", ""), PointerTo("/identifiers", registry))
		}
	}
	if f.ID.Collection != schema.Activities { // several activities may share a page
		f.claimHomepages(d, add)
	}
}

func (f *File) claimHomepages(d *Document, add func(ClaimKind, string, string)) {
	links, _ := d.Value["links"].([]any)
	for i, link := range links {
		link, _ := link.(map[string]any)
		address, _ := link["url"].(string)
		if link["rel"] == "homepage" && address != "" {
			add(ClaimHomepage, plainAddress(address), "/links/"+itoa(i)+"/url")
		}
	}
}

// plainAddress is an address without what does not tell pages apart.
func plainAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.ToLower(u.Host) + strings.TrimSuffix(u.EscapedPath(), "/") + "?" + u.RawQuery
}

// claimedName is a name in a language without what does not tell names apart:
// letter case and the number of blanks.
func claimedName(language, name string) string {
	return language + ": " + strings.ToLower(strings.Join(strings.Fields(name), " "))
}

func texts(list any) []string {
	items, _ := list.([]any)
	out := make([]string, 0, len(items))
	for _, item := range items {
		if text, ok := item.(string); ok {
			out = append(out, text)
		}
	}
	return out
}
