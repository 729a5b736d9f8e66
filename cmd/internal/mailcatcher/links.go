package mailcatcher

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

const (
	maxLinks   = 50
	maxLinkLen = 2000
)

var textLink = regexp.MustCompile(`https?://[^\s<>"'()\[\]]+`)

// findLinks gathers the addresses of a message in order of appearance. The
// frame that shows the HTML follows none, so they are listed beside it.
func findLinks(c Content) []string {
	var found []string
	add := func(raw string) {
		if link, ok := webLink(raw); ok && len(found) < maxLinks && !slices.Contains(found, link) {
			found = append(found, link)
		}
	}
	t := html.NewTokenizer(strings.NewReader(c.HTML))
	t.SetMaxBuf(1 << 20)
	for kind := t.Next(); kind != html.ErrorToken; kind = t.Next() {
		if kind != html.StartTagToken {
			continue
		}
		if token := t.Token(); token.Data == "a" {
			for _, a := range token.Attr {
				if a.Key == "href" {
					add(a.Val)
				}
			}
		}
	}
	for _, raw := range textLink.FindAllString(c.Text, 4*maxLinks) {
		add(strings.TrimRight(raw, ".,;:!?"))
	}
	return found
}

// webLink accepts whole http and https addresses only.
func webLink(raw string) (string, bool) {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil || len(raw) > maxLinkLen || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	return u.String(), true
}
