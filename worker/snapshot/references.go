package snapshot

import (
	"net/url"
	"slices"
	"strings"
	"unique"

	"netsync/schema"
	"netsync/worker/yaml"
)

// addReferences adds the references and claims of a document, according to its
// schema.
func (f *File) addReferences(d *yaml.Document, c schema.Context) {
	g := collector{d: d, claims: f.claims}
	schema.ShapeOf(f.ID.Collection).WalkNames(d.Value, g.addReference)
	slices.SortFunc(g.refs, func(a, b ref) int { return strings.Compare(a.pointer.Value(), b.pointer.Value()) })
	if f.Role == Record {
		g.addClaim(ClaimID, f.ID.ID, "/id")
		f.Aliases = g.claimAliases()
		g.claimNames(c)
		g.claimIdentifiers()
		if f.ID.Collection != schema.Activities { // several activities may share a page
			g.claimHomepages()
		}
	}
	if f.Role == Manifest {
		g.addClaim(ClaimDataset, "", "/id")
	}
	f.refs, f.claims = clipSlice(g.refs), clipSlice(g.claims)
}

// clipSlice returns a copy without spare capacity.
func clipSlice[T any](s []T) []T { return append(make([]T, 0, len(s)), s...) }

// A collector collects the references and claims of a record.
type collector struct {
	d      *yaml.Document
	refs   []ref
	claims []claim
}

func (g *collector) addReference(s *schema.Shape, name string, at *schema.Path) {
	pointer := at.String()
	g.refs = append(g.refs, Ref{targetOf(s, name), pointer, g.d.Locate(pointer)}.packRef())
}

func (g *collector) addClaim(kind ClaimKind, value, pointer string) {
	g.claims = append(g.claims, Claim{kind, strings.Clone(value), pointer, g.d.Locate(pointer)}.packClaim())
}

// internString returns a shared copy of a string, which does not keep the text
// of its file in memory.
func internString(s string) string { return unique.Make(s).Value() }

func targetOf(s *schema.Shape, name string) Target {
	switch {
	case s.Reference != "":
		return Target{Record: schema.RecordID{Collection: s.Reference, ID: name}}
	case s.Vocabulary != "":
		return Target{Vocabulary: s.Vocabulary, Term: name}
	}
	return Target{Asset: name}
}

func (g *collector) claimAliases() []string {
	var aliases []string
	for i, alias := range toTexts(g.d.Value["aliases"]) {
		aliases = append(aliases, internString(alias))
		g.addClaim(ClaimAlias, alias, "/aliases/"+formatIndex(i))
	}
	return aliases
}

func (g *collector) claimNames(c schema.Context) {
	switch name := g.d.Value["name"].(type) {
	case string:
		g.addClaim(ClaimName, claimedName(c.Language, name), "/name")
	case map[string]any:
		for _, language := range sortedKeys(name) {
			if text, ok := name[language].(string); ok {
				g.addClaim(ClaimName, claimedName(language, text), yaml.PointerTo("/name", language))
			}
		}
	}
}

func (g *collector) claimIdentifiers() {
	identifiers, _ := g.d.Value["identifiers"].(map[string]any)
	for _, registry := range sortedKeys(identifiers) {
		if value, ok := identifiers[registry].(string); ok {
			g.addClaim(ClaimIdentifier, registry+" "+strings.ReplaceAll(value, " ", ""), yaml.PointerTo("/identifiers", registry))
		}
	}
}

func (g *collector) claimHomepages() {
	links, _ := g.d.Value["links"].([]any)
	for i, link := range links {
		link, _ := link.(map[string]any)
		address, _ := link["url"].(string)
		if link["rel"] == "homepage" && address != "" {
			g.addClaim(ClaimHomepage, plainAddress(address), "/links/"+formatIndex(i)+"/url")
		}
	}
}

// plainAddress normalizes an address for comparison.
func plainAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.ToLower(u.Host) + strings.TrimSuffix(u.EscapedPath(), "/") + "?" + u.RawQuery
}

// claimedName normalizes a name in a language for comparison: letter case and
// the number of spaces do not matter.
func claimedName(language, name string) string {
	return language + ": " + strings.ToLower(strings.Join(strings.Fields(name), " "))
}

func toTexts(list any) []string {
	items, _ := list.([]any)
	out := make([]string, 0, len(items))
	for _, item := range items {
		if text, ok := item.(string); ok {
			out = append(out, text)
		}
	}
	return out
}
