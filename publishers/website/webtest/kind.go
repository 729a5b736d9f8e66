package webtest

import (
	"path"
	"strings"
)

// A Kind is the kind of a page, derived from its path.
type Kind string

// Kinds of pages.
const (
	Overview     Kind = "overview"
	Network      Kind = "network"
	Organization Kind = "organization"
	Activity     Kind = "activity"
	Topic        Kind = "topic"
	Region       Kind = "region"
	Purpose      Kind = "purpose"
	Changes      Kind = "changes"
	About        Kind = "about"
	Former       Kind = "former"
	NotFound     Kind = "404"
	Redirect     Kind = "redirect"
	Tombstone    Kind = "tombstone" // of a removed record
	Fragment     Kind = "fragment"  // for a page of a CMS
	List         Kind = "list"      // of the records of a collection
	Other        Kind = "other"
)

var folders = map[string]Kind{
	"": Overview, "networks": Network, "organizations": Organization, "activities": Activity,
	"topics": Topic, "regions": Region, "purposes": Purpose,
	"changes": Changes, "about": About, "former": Former, "fragments": Fragment,
}

func (s *Site) pageKind(p *Page) Kind {
	if path.Base(p.Name) == "404.html" {
		return NotFound
	}
	if p.isRedirect() {
		return Redirect
	}
	at := strings.Split(strings.TrimSuffix(p.Path(), "/"), "/")
	if strings.EqualFold(at[0], p.Language) {
		at = at[1:]
	}
	if len(at) == 0 {
		at = []string{""}
	}
	kind, ok := folders[at[0]]
	switch {
	case !ok:
		return Other
	case kind.isRecord() && len(at) != 2:
		return List
	case kind.isRecord() && !s.files["data/"+at[0]+"/"+at[1]+".json"]:
		return Tombstone
	}
	return kind
}

func (k Kind) isRecord() bool { return k == Network || k == Organization || k == Activity }

// isRedirect reports whether the page redirects by a meta element.
func (p *Page) isRedirect() bool {
	for _, meta := range p.Elements("meta") {
		if strings.EqualFold(Attribute(meta, "http-equiv"), "refresh") {
			return true
		}
	}
	return false
}
