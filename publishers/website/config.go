package website

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"
)

// A Config is what a Site works with.
type Config struct {
	// Dir is the channel's folder: <data_dir>/website.
	Dir string
	// BaseURL is the public address of the overview. Its path may be more
	// than /. Where it is empty, the site lies at the root of an unknown
	// host, and what needs whole addresses (canonical links, the sitemap)
	// is left out.
	BaseURL string
	// Feeds says that the feeds are served beside the site.
	Feeds bool
	// Mail is where the newsletter is that tells of changes.
	Mail Mail
	// Theme is a folder whose templates, assets and labels stand in for the
	// site's own; "" is none.
	Theme string
	// Keep is how many releases stay beside the current one, for rollback; 0
	// means 3.
	Keep int
	// Synced, where it is set, hears how long each flip waited for the disk.
	Synced func(took time.Duration)
	Log    *zap.Logger
}

// Validate reports what is missing or malformed.
func (c Config) Validate() error {
	if c.Dir == "" || c.Log == nil {
		return errors.New("website: needs a folder and a log")
	}
	if err := c.Mail.validate(); err != nil {
		return err
	}
	_, err := newAddresses(c.BaseURL)
	return err
}

// addresses makes the addresses of the site's files.
type addresses struct {
	origin string // https://www.example.org, or ""
	base   string // begins and ends with a slash
}

func newAddresses(baseURL string) (addresses, error) {
	if baseURL == "" {
		return addresses{base: "/"}, nil
	}
	u, err := url.Parse(baseURL)
	if err != nil {
		return addresses{}, fmt.Errorf("website: base URL: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return addresses{}, fmt.Errorf("website: base URL %q: write it as https://www.example.org/networks/", u.Redacted())
	}
	return addresses{
		origin: u.Scheme + "://" + u.Host,
		base:   "/" + strings.TrimLeft(strings.TrimRight(u.EscapedPath(), "/")+"/", "/"),
	}, nil
}

// local returns the address of a path such as /networks/leru/ for links within
// the site.
func (a addresses) local(path string) string { return a.base + strings.TrimPrefix(path, "/") }

// whole returns the public address of a path; "" where the host is not known.
func (a addresses) whole(path string) string {
	if a.origin == "" {
		return ""
	}
	return a.origin + a.local(path)
}
