package website

import (
	"fmt"
	"net/url"
	"strings"
)

// A Mail is where the newsletter is, by which readers can follow the site. The
// addresses are whole; those below the site's own are linked to as its other
// pages are, and are served beside it.
type Mail struct {
	// Archive is the page of the digests that were sent; "" where there is no
	// newsletter.
	Archive string
	// Feed is the archive as JSON Feed.
	Feed string
	// Signup is the page where people subscribe, which takes the language as
	// the parameter lang; "" where nobody can.
	Signup string
}

func (m Mail) validate() error {
	for _, address := range []string{m.Archive, m.Feed, m.Signup} {
		if address != "" && web(address) == "" {
			return fmt.Errorf("website: the newsletter's address %q is none of the web", address)
		}
	}
	return nil
}

// beside are the names of what a newsletter serves below the site's root.
func (m Mail) beside(a addresses) []string {
	var names []string
	for _, address := range []string{m.Archive, m.Feed, m.Signup} {
		if path, ok := a.below(address); ok {
			names = append(names, strings.TrimPrefix(path, "/"))
		}
	}
	return names
}

// below returns the path of an address below the site's root; false where it is
// elsewhere.
func (a addresses) below(address string) (path string, ok bool) {
	if a.origin == "" || address == "" {
		return "", false
	}
	rest, ok := strings.CutPrefix(address, a.whole("/"))
	return "/" + rest, ok
}

// reach returns the address of what is served beside the site, or elsewhere.
func (s *sheet) reach(address string) string {
	if path, ok := s.addresses.below(address); ok {
		return s.to(path)
	}
	return address
}

// signup leads to where people subscribe, in the page's language.
func (s *sheet) signup(label text) link {
	return link{Text: label, URL: s.reach(s.mail.Signup) + "?lang=" + url.QueryEscape(s.language)}
}

// mailLinks lead to the newsletter: nil where there is none.
func (s *sheet) mailLinks() []link {
	var all []link
	if s.mail.Signup != "" {
		all = append(all, s.signup(s.say("mail")))
	}
	if s.mail.Archive != "" {
		all = append(all, link{Text: s.say("digests"), URL: s.reach(s.mail.Archive)})
	}
	return all
}

// mailFeeds are the feeds of the newsletter, for programs that look for them.
func (s *sheet) mailFeeds() []feedLink {
	if s.mail.Feed == "" {
		return nil
	}
	return []feedLink{{"application/feed+json", s.reach(s.mail.Feed), s.say("digests-feed")}}
}

// mailSection tells how to follow by mail; false where there is no newsletter.
func (s *sheet) mailSection() (aboutSection, bool) {
	section := aboutSection{ID: "mail", Title: s.say("mail-title"), Text: s.say("mail-archived")}
	if s.mail.Signup != "" {
		section.Text = s.say("mail-text")
		section.Links = append(section.Links, s.signup(s.say("mail-signup")))
	}
	if s.mail.Archive != "" {
		section.Links = append(section.Links, link{Text: s.say("digests"), URL: s.reach(s.mail.Archive)})
	}
	for _, feed := range s.mailFeeds() {
		section.Links = append(section.Links, link{Text: feed.Text, URL: feed.URL})
	}
	return section, section.Links != nil
}
