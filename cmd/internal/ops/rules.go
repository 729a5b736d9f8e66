package ops

import (
	"net/http"
	"path"
	"strings"

	"netsync/schema/shared"
)

// rules define what browsers may do with the files of a channel.
type rules struct{ of func(name string) rule }

// A rule is for one file. config/deploy repeats them for nginx and Caddy.
type rule struct {
	policy string // "" keeps the server's
	framed bool   // by any site
	open   bool   // to scripts of other sites
	lent   bool   // to pages of other sites
	hidden bool   // from everyone
}

const (
	pagePolicy     = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	fragmentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors *"
	imagePolicy    = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

	permissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)

// websiteRules are the rules of the website: other sites may use data and
// fragments, but not pages.
var websiteRules = rules{func(name string) rule {
	top, _, _ := strings.Cut(name, "/")
	r := rule{policy: pagePolicy}
	switch {
	case top == "fragments":
		r = rule{policy: fragmentPolicy, framed: true, open: true, lent: true}
	case top == "data" || top == "oembed" || strings.HasPrefix(top, "oembed."):
		r.open, r.lent = true, true
	case top == "assets":
		r.lent = true
	}
	if strings.EqualFold(path.Ext(name), ".svg") {
		r.policy = imagePolicy
	}
	return r
}}

// feedRules allow all access.
var feedRules = rules{func(string) rule { return rule{policy: pagePolicy, open: true, lent: true} }}

// newsletterRules allow access to the feed of digests. Earlier versions kept
// the draft and its sources in the folder.
var newsletterRules = rules{func(name string) rule {
	switch {
	case strings.HasPrefix(name, "next.") || name == "pending.json":
		return rule{policy: pagePolicy, hidden: true}
	case shared.IsFeed(name):
		return rule{policy: pagePolicy, open: true, lent: true}
	}
	return rule{policy: pagePolicy}
}}

// draftRules allow the inline styles of the draft, as in a mail.
var draftRules = rules{func(string) rule { return rule{} }}

// setHeaders sets the headers of a file.
func (r rules) setHeaders(h http.Header, name string) {
	rule := r.of(name)
	h.Set("Permissions-Policy", permissions)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if rule.lent {
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if rule.open {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "ETag")
	}
	if rule.policy != "" {
		h.Set("Content-Security-Policy", rule.policy)
		h.Set("X-Frame-Options", "DENY") // the same as frame-ancestors, for old browsers
	}
	if rule.framed {
		h.Del("X-Frame-Options")
	}
}
