package ops

import (
	"path"
	"regexp"
	"strings"

	"netsync/publishers"
)

// A kind of file is what its name's ending says. The system's own list of
// media types differs between machines, so it is not asked.
type kind struct {
	mediaType string
	text      bool // smaller when packed
}

var kinds = map[string]kind{
	".html":        {"text/html; charset=utf-8", true},
	".css":         {"text/css; charset=utf-8", true},
	".js":          {"text/javascript; charset=utf-8", true},
	".mjs":         {"text/javascript; charset=utf-8", true},
	".svg":         {"image/svg+xml; charset=utf-8", true},
	".json":        {"application/json", true}, // RFC 8259 §11 has no charset
	".map":         {"application/json", true},
	".jsonld":      {"application/ld+json", true},
	".webmanifest": {"application/manifest+json", true},
	".csv":         {"text/csv; charset=utf-8", true},
	".txt":         {"text/plain; charset=utf-8", true},
	".ics":         {"text/calendar; charset=utf-8", true},
	".opml":        {"text/x-opml; charset=utf-8", true},
	".xml":         {"application/xml; charset=utf-8", true},
	".wasm":        {"application/wasm", true},
	".png":         {"image/png", false},
	".jpg":         {"image/jpeg", false},
	".jpeg":        {"image/jpeg", false},
	".gif":         {"image/gif", false},
	".webp":        {"image/webp", false},
	".avif":        {"image/avif", false},
	".ico":         {"image/x-icon", false},
	".woff2":       {"font/woff2", false},
	".zip":         {"application/zip", false},
	".pdf":         {"application/pdf", false},
}

// Feeds have media types of their own: JSON Feed 1.1, RFC 4287.
var feedKinds = map[string]kind{
	".json": {"application/feed+json; charset=utf-8", true},
	".xml":  {"application/atom+xml; charset=utf-8", true},
}

// isFeed says of a file of a channel that it is the feed of everything, or that
// of the digests.
func isFeed(name string) bool {
	switch name {
	case "feed.json", "feed.xml", "archive/feed.json", "archive/feed.xml":
		return true
	}
	return false
}

func kindOf(name string) kind {
	if isFeed(name) || strings.HasPrefix("/"+name, publishers.FeedsPath) {
		if k, ok := feedKinds[path.Ext(name)]; ok {
			return k
		}
	}
	if k, ok := kinds[strings.ToLower(path.Ext(name))]; ok {
		return k
	}
	return kind{"application/octet-stream", false}
}

// hashed is a name with a hash of the content in it: site.0123456789ab.css.
var hashed = regexp.MustCompile(`^(?:assets|search)/(?:.*[/.-])?[0-9a-f]{8,64}\.[A-Za-z0-9.]+$`)

// cacheControl lets what never changes be kept, and everything else be asked
// for again, which costs a 304.
func cacheControl(name string) string {
	if hashed.MatchString(name) {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// MediaType is the media type of a file, by its name.
func MediaType(name string) string { return kindOf(name).mediaType }
