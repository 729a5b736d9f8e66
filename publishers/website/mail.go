package website

import (
	"fmt"
	"net/url"
	"strings"
)

// A Mail holds the absolute addresses of the newsletter. Addresses below the
// site's root are served beside it and get relative links.
type Mail struct {
	// Archive is the page of sent digests; "" if there is no newsletter.
	Archive string
	// Feed is the archive as JSON Feed.
	Feed string
	// Signup is the page where people subscribe, which takes the language as
	// the parameter lang; "" if nobody can.
	Signup string
}

func (m Mail) validate() error {
	for _, address := range []string{m.Archive, m.Feed, m.Signup} {
		if address != "" && webURL(address) == "" {
			return fmt.Errorf("website: the newsletter's address %q is none of the web", address)
		}
	}
	return nil
}

// servedPaths returns the paths of the newsletter below the site's root.
func (m Mail) servedPaths(a addresses) []string {
	var names []string
	for _, address := range []string{m.Archive, m.Feed, m.Signup} {
		if path, ok := a.sitePath(address); ok {
			names = append(names, strings.TrimPrefix(path, "/"))
		}
	}
	return names
}

// sitePath returns the path of an address below the site's root; ok is false
// for other addresses.
func (a addresses) sitePath(address string) (path string, ok bool) {
	if a.origin == "" || address == "" {
		return "", false
	}
	rest, ok := strings.CutPrefix(address, a.absoluteURL("/"))
	return "/" + rest, ok
}

// servedURL returns the link to an address, relative if it is below the site's
// root.
func (p *pageContext) servedURL(address string) string {
	if path, ok := p.addresses.sitePath(address); ok {
		return p.urlFor(path)
	}
	return address
}

// signupLink returns a link to the sign-up page in the page's language.
func (p *pageContext) signupLink(label text) link {
	return link{Text: label, URL: p.servedURL(p.mail.Signup) + "?lang=" + url.QueryEscape(p.language)}
}

// mailLinks returns links to the newsletter, or nil if there is none.
func (p *pageContext) mailLinks() []link {
	var all []link
	if p.mail.Signup != "" {
		all = append(all, p.signupLink(p.labelText("mail")))
	}
	if p.mail.Archive != "" {
		all = append(all, link{Text: p.labelText("digests"), URL: p.servedURL(p.mail.Archive)})
	}
	return all
}

// mailFeeds returns the feeds of the newsletter.
func (p *pageContext) mailFeeds() []feedLink {
	if p.mail.Feed == "" {
		return nil
	}
	return []feedLink{{"application/feed+json", p.servedURL(p.mail.Feed), p.labelText("digests-feed")}}
}

// mailSection describes the newsletter; ok is false if there is none.
func (p *pageContext) mailSection() (aboutSection, bool) {
	section := aboutSection{ID: "mail", Title: p.labelText("mail-title"), Text: p.labelText("mail-archived")}
	if p.mail.Signup != "" {
		section.Text = p.labelText("mail-text")
		section.Links = append(section.Links, p.signupLink(p.labelText("mail-signup")))
	}
	if p.mail.Archive != "" {
		section.Links = append(section.Links, link{Text: p.labelText("digests"), URL: p.servedURL(p.mail.Archive)})
	}
	for _, feed := range p.mailFeeds() {
		section.Links = append(section.Links, link{Text: feed.Text, URL: feed.URL})
	}
	return section, section.Links != nil
}
