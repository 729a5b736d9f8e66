package publishers

import (
	"strings"

	"netsync/schema"
)

// PagePath returns the path of a record's page on the website, below its base
// address: /networks/una-europa/, in other languages than the default
// /nl/networks/una-europa/.
func PagePath(m *schema.Manifest, language string, id schema.RecordID) string {
	return LanguagePath(m, language) + id.String() + "/"
}

// AllChanges is the scope of the feed of all changes. The other scopes are
// major, a collection (networks), a network with its activities
// (networks/una-europa) and a topic (topics/water).
const AllChanges = "all"

// NewsletterPath is the path of the newsletter's folder below the website's
// base address.
const NewsletterPath = "/newsletter/"

// FeedsPath is the path of all feeds but the first, and of their archive pages.
const FeedsPath = "/feeds/"

// FeedList is the path of the list of all feeds, in OPML.
const FeedList = "/feeds.opml"

// FeedPath returns the path of a feed below the website's base address, without
// the extension (.json, .xml): /feed, or /feeds/nl/networks/una-europa.
func FeedPath(m *schema.Manifest, language, scope string) string {
	path := LanguagePath(m, language)
	if scope == AllChanges && path == "/" {
		return "/feed"
	}
	return strings.TrimSuffix(FeedsPath, "/") + path + scope
}

// LanguagePath returns the path of the overview in a language: / or /nl/.
func LanguagePath(m *schema.Manifest, language string) string {
	if language == "" || language == m.DefaultLanguage() {
		return "/"
	}
	return "/" + strings.ToLower(language) + "/"
}
