package website

import (
	"net/url"
	"strings"

	"netsync/schema"
)

// webURL returns an http or https address, or "" for any other.
func webURL(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}

// A link is a text, linked if it has a URL, with a note after it.
type link struct {
	Text text
	URL  string
	Note text
}

// webLinks returns a record's links. A link without a visible title is named
// by its kind.
func (l *locale) webLinks(all []schema.Link) []link {
	var out []link
	for _, declared := range all {
		result := link{Text: l.localText(declared.Title), URL: webURL(declared.URL)}
		switch kind := l.codeLabel("rel", declared.Rel); {
		case !isVisible(result.Text.Body):
			result.Text, result.Note = kind, text{Body: hostName(declared.URL)}
		case result.Text.Body != kind.Body:
			result.Note = text{Body: hostName(declared.URL)}
		}
		out = append(out, result)
	}
	return out
}

// hostName returns the host of an address, without "www.".
func hostName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Host, "www.")
}

// identifierFacts returns a record's identifiers, linked to their registries.
func (l *locale) identifierFacts(ids schema.Identifiers) []fact {
	var out factList
	out.add(l.labelText("ror"), registryLinks(ids.ROR, strings.TrimPrefix(ids.ROR, "https://"), "")...)
	out.add(l.labelText("wikidata"), registryLinks(ids.Wikidata, ids.Wikidata, "https://www.wikidata.org/wiki/")...)
	out.add(l.labelText("isni"), registryLinks(strings.ReplaceAll(ids.ISNI, " ", ""), ids.ISNI, "https://isni.org/isni/")...)
	out.add(l.labelText("grid"), textLinks(ids.GRID)...)
	return out
}

func registryLinks(id, title, registry string) []link {
	if id == "" {
		return nil
	}
	address := id
	if registry != "" {
		address = registry + url.PathEscape(id)
	}
	return []link{{Text: text{Body: title}, URL: webURL(address)}}
}

// licenceLink returns an SPDX identifier, linked to the text of a Creative
// Commons licence.
func licenceLink(id string) link {
	result := link{Text: text{Body: id}}
	if rest, ok := strings.CutPrefix(id, "CC-"); ok {
		if cut := strings.LastIndexByte(rest, '-'); cut > 0 {
			result.URL = "https://creativecommons.org/licenses/" +
				url.PathEscape(strings.ToLower(rest[:cut])) + "/" + url.PathEscape(rest[cut+1:]) + "/"
		}
	}
	if id == "CC0-1.0" {
		result.URL = "https://creativecommons.org/publicdomain/zero/1.0/"
	}
	return result
}
