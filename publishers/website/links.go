package website

import (
	"net/url"
	"strings"

	"netsync/schema"
)

// web returns an address of the web, http or https, and "" for any other.
func web(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}

// A link is text that leads somewhere, if it has an address, with a note
// behind it.
type link struct {
	Text text
	URL  string
	Note text
}

// links shows a record's links by their titles, where those can be seen, else by
// what they are.
func (v *voice) links(all []schema.Link) []link {
	var out []link
	for _, l := range all {
		shown := link{Text: v.text(l.Title), URL: web(l.URL)}
		switch kind := v.code("rel", l.Rel); {
		case !visible(shown.Text.Body):
			shown.Text, shown.Note = kind, text{Body: host(l.URL)}
		case shown.Text.Body != kind.Body:
			shown.Note = text{Body: host(l.URL)}
		}
		out = append(out, shown)
	}
	return out
}

// host is the part of an address that a reader recognizes.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Host, "www.")
}

// identifiers shows a record's names in public registries, with a link to what
// the registry says.
func (v *voice) identifiers(ids schema.Identifiers) []fact {
	var out factList
	out.add(v.say("ror"), registered(ids.ROR, strings.TrimPrefix(ids.ROR, "https://"), "")...)
	out.add(v.say("wikidata"), registered(ids.Wikidata, ids.Wikidata, "https://www.wikidata.org/wiki/")...)
	out.add(v.say("isni"), registered(strings.ReplaceAll(ids.ISNI, " ", ""), ids.ISNI, "https://isni.org/isni/")...)
	out.add(v.say("grid"), plain(ids.GRID)...)
	return out
}

func registered(id, shown, registry string) []link {
	if id == "" {
		return nil
	}
	address := id
	if registry != "" {
		address = registry + url.PathEscape(id)
	}
	return []link{{Text: text{Body: shown}, URL: web(address)}}
}

// licence shows an SPDX identifier; those of Creative Commons lead to the
// text.
func licence(id string) link {
	shown := link{Text: text{Body: id}}
	if rest, ok := strings.CutPrefix(id, "CC-"); ok {
		if cut := strings.LastIndexByte(rest, '-'); cut > 0 {
			shown.URL = "https://creativecommons.org/licenses/" +
				url.PathEscape(strings.ToLower(rest[:cut])) + "/" + url.PathEscape(rest[cut+1:]) + "/"
		}
	}
	if id == "CC0-1.0" {
		shown.URL = "https://creativecommons.org/publicdomain/zero/1.0/"
	}
	return shown
}
