package feed

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"
)

const defaultItems = 100

// A Config is what a feed works with.
type Config struct {
	Dir     string // the channel's folder: <data_dir>/feed
	BaseURL string // of the website that items link to, and of the feeds
	Items   int    // the number of items that are kept; 0 means 100
	// Keep is how many releases stay beside the current one, for rollback; 0
	// means 3.
	Keep int
	// Synced, where it is set, hears how long each flip waited for the disk.
	Synced func(took time.Duration)
	Log    *zap.Logger
}

func (c Config) withDefaults() Config {
	c.Items = cmp.Or(c.Items, defaultItems)
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
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("feed: base URL %q is not the address of a website", c.BaseURL)
	}
	return nil
}
