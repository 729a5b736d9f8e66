package shared_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"netsync/schema/shared"
)

func TestMediaTypesAreThoseOfAWebsite(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"index.html":                      "text/html; charset=utf-8",
		"sitemap.xml":                     "application/xml; charset=utf-8",
		"data/leiden-networks.zip":        "application/zip",
		"favicon.ico":                     "image/x-icon",
		"assets/LOGO.SVG":                 "image/svg+xml; charset=utf-8",
		"feed.json":                       "application/feed+json; charset=utf-8",
		"feeds/networks/leru.xml":         "application/atom+xml; charset=utf-8",
		"archive/feed.xml":                "application/atom+xml; charset=utf-8",
		"data/feed.json":                  "application/json",
		"networks/leru/index.html.backup": "application/octet-stream",
	} {
		if got := shared.MediaType(name); got != want {
			t.Errorf("%s is %q; want %q", name, got, want)
		}
	}
}

func TestFilesWithAHashInTheirNameMayBeKept(t *testing.T) {
	t.Parallel()
	const kept, asked = "public, max-age=31536000, immutable", "no-cache"
	for name, want := range map[string]string{
		"assets/site.0123456789ab.css": kept, "search/en-0123456789ab.json": kept, "assets/logo.svg": asked, "index.html": asked,
	} {
		if got := shared.CacheControl(name); got != want {
			t.Errorf("%s: %q; want %q", name, got, want)
		}
	}
}

func TestNearestWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		word  string
		slips int
		want  string
	}{
		{"kye", 1, "key"}, {"KEY", 1, "key"}, {"membre", 1, "member"}, {"x", 1, ""}, {"x", 3, "key"}, {"associatoin", 1, "association"}, {"", 1, ""},
	} {
		if got := shared.Nearest(c.word, []string{"key", "member", "association"}, c.slips); got != c.want {
			t.Errorf("%q with %d: %q; want %q", c.word, c.slips, got, c.want)
		}
	}
}

func TestOnlyThisMachineIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "0.0.0.0": false, "10.0.0.1": false, "localhost.example.org": false, "example.org": false,
	} {
		if got := shared.IsLoopback(host); got != want {
			t.Errorf("%q: %v; want %v", host, got, want)
		}
	}
}

func TestForEachStopsAtTheFirstError(t *testing.T) {
	t.Parallel()
	items := make([]int, 1000)
	var calls atomic.Int64
	if err := shared.ForEach(8, items, func(i, _ int) error { calls.Add(1); items[i]++; return nil }); err != nil || calls.Load() != 1000 || slices.Contains(items, 0) {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
	bad := errors.New("bad")
	for _, n := range []int{1, 1000} {
		calls.Store(0)
		if err := shared.ForEach(2, items[:n], func(int, int) error { calls.Add(1); return bad }); !errors.Is(err, bad) || calls.Load() > 2 {
			t.Errorf("of %d: %d calls, %v", n, calls.Load(), err)
		}
	}
	if err := shared.ForEach(8, nil, func(int, int) error { return bad }); err != nil {
		t.Errorf("of none: %v", err)
	}
}
