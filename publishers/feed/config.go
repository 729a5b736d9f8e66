package feed

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"netsync/schema/event"
)

const defaultItems = 100

// A Config holds the settings of the channel.
type Config struct {
	Dir     string // the channel's folder: <data_dir>/feed
	BaseURL string // of the website and of the feeds
	Items   int    // maximum on an archive page and minimum in a feed; 0 means 100
	// Least is the lowest significance of changes in the feeds; "" means
	// event.Trivial, which includes all.
	Least event.Significance
	// Hub is the URL of a WebSub hub, which notifies readers of changes; "" is
	// none.
	Hub string
	// Keep is the number of older releases kept for rollback; 0 means 3.
	Keep int
	// Synced is called with the time that each release took to reach the disk;
	// it may be nil.
	Synced func(took time.Duration)
	Log    *zap.Logger
}

func (c Config) withDefaults() Config {
	c.Items = cmp.Or(c.Items, defaultItems)
	c.Least = cmp.Or(c.Least, event.Trivial)
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	return c
}

// Validate reports a missing or invalid setting.
func (c Config) Validate() error {
	if c.Dir == "" || c.Log == nil {
		return errors.New("feed: a folder and a log are needed")
	}
	if c.Items < 0 {
		return fmt.Errorf("feed: %d items cannot be kept; give 1 or more", c.Items)
	}
	if !slices.Contains(event.Significances(), c.Least) {
		return fmt.Errorf("feed: there is no significance %q", c.Least)
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("feed: base URL %q is not the address of a website", c.BaseURL)
	}
	return nil
}
