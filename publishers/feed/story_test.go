package feed_test

import (
	"testing"

	"go.uber.org/zap/zaptest"

	"netsync/publishers"
	"netsync/publishers/feed"
	"netsync/publishers/publishertest"
)

func TestChannel(t *testing.T) {
	t.Parallel()
	publishertest.TestChannel(t, func(t *testing.T, dir string) publishers.Channel {
		ch, err := feed.New(feed.Config{Dir: dir, BaseURL: "https://example.org", Log: zaptest.NewLogger(t)})
		if err != nil {
			t.Fatal(err)
		}
		return ch
	})
}
