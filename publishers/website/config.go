package website

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"
)

// A Config configures a Site.
type Config struct {
	// Dir is the channel's folder: <data_dir>/website.
	Dir string
	// BaseURL is the public address of the overview, which may have a path. If
	// it is empty, the site is at the root of an unknown host and omits what
	// needs absolute addresses, such as canonical links and the sitemap.
	BaseURL string
	// Feeds is set when the feeds are served beside the site.
	Feeds bool
	// Mail locates the newsletter.
	Mail Mail
	// Theme is a folder that overrides parts of the site, or "".
	Theme string
	// Keep is the number of previous releases to keep for rollback; 0 means 3.
	Keep int
	// Synced, if set, is called with the time that a flip waited for the disk.
	Synced func(took time.Duration)
	Log    *zap.Logger
}

// Validate reports missing or malformed settings.
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

// localURL returns the address of a path such as /networks/leru/ in links.
func (a addresses) localURL(path string) string { return a.base + strings.TrimPrefix(path, "/") }

// absoluteURL returns the public address of a path, "" if the host is unknown.
func (a addresses) absoluteURL(path string) string {
	if a.origin == "" {
		return ""
	}
	return a.origin + a.localURL(path)
}
