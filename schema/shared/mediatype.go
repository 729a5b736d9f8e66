package shared

import (
	"path"
	"regexp"
	"strings"
)

// A fileKind is what is known of a file by its name's ending.
type fileKind struct {
	mediaType string
	packs     bool // smaller when compressed
}

// fileKinds are the kinds of files of a website. The system's own list of media
// types differs between machines, so it is not used.
var fileKinds = map[string]fileKind{
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

// feedKinds are those of feeds: JSON Feed 1.1, RFC 4287.
var feedKinds = map[string]fileKind{
	".json": {"application/feed+json; charset=utf-8", true},
	".xml":  {"application/atom+xml; charset=utf-8", true},
}

// IsFeed reports whether a file of a channel is a feed: of everything, of a part,
// or of the digests.
func IsFeed(name string) bool {
	switch name {
	case "feed.json", "feed.xml", "archive/feed.json", "archive/feed.xml":
		return true
	}
	return strings.HasPrefix(name, "feeds/")
}

func kindOf(name string) fileKind {
	if IsFeed(name) {
		if k, ok := feedKinds[path.Ext(name)]; ok {
			return k
		}
	}
	if k, ok := fileKinds[strings.ToLower(path.Ext(name))]; ok {
		return k
	}
	return fileKind{"application/octet-stream", false}
}

// MediaType returns the media type of a website's file by its name, such as
// "data/networks.json".
func MediaType(name string) string { return kindOf(name).mediaType }

// Packs reports whether a website's file becomes smaller when it is compressed.
func Packs(name string) bool { return kindOf(name).packs }

// hashedName is a name with a hash of the content in it: site.0123456789ab.css.
var hashedName = regexp.MustCompile(`^(?:assets|search)/(?:.*[/.-])?[0-9a-f]{8,64}\.[A-Za-z0-9.]+$`)

// CacheControl returns the header field of that name for a website's file: a file
// that never changes may be kept, and any other is asked for again, which costs
// a 304.
func CacheControl(name string) string {
	if hashedName.MatchString(name) {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}
