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

// A Config is what a feed works with.
type Config struct {
	Dir     string // the channel's folder: <data_dir>/feed
	BaseURL string // of the website that items link to, and of the feeds
	Items   int    // on a page of an archive, and in a feed at least; 0 means 100
	// Least is the significance below which changes are left out; "" means
	// event.Trivial, which leaves none out.
	Least event.Significance
	// Hub is the address of a WebSub hub that tells readers of changes; "" is
	// none.
	Hub string
	// Keep is how many releases stay beside the current one, for rollback; 0
	// means 3.
	Keep int
	// Synced, where it is set, hears how long each flip waited for the disk.
	Synced func(took time.Duration)
	Log    *zap.Logger
}

func (c Config) withDefaults() Config {
	c.Items = cmp.Or(c.Items, defaultItems)
	c.Least = cmp.Or(c.Least, event.Trivial)
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	return c
}

// Validate reports what is missing or cannot be.
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
