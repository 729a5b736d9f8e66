package website_test

import (
	"testing"

	"go.uber.org/zap/zaptest"

	"netsync/publishers"
	"netsync/publishers/publishertest"
	"netsync/publishers/website"
)

func TestChannel(t *testing.T) {
	t.Parallel()
	publishertest.TestChannel(t, func(t *testing.T, dir string) publishers.Channel {
		ch, err := website.New(website.Config{Dir: dir, BaseURL: "https://example.org", Log: zaptest.NewLogger(t)})
		if err != nil {
			t.Fatal(err)
		}
		return ch
	})
}
