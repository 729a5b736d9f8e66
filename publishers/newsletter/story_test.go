package newsletter_test

import (
	"testing"

	"go.uber.org/zap/zaptest"

	"netsync/publishers"
	"netsync/publishers/newsletter"
	"netsync/publishers/publishertest"
)

func TestChannel(t *testing.T) {
	t.Parallel()
	publishertest.TestChannel(t, func(t *testing.T, dir string) publishers.Channel {
		ch, err := newsletter.New(newsletter.Config{Dir: dir, BaseURL: "https://example.org", Log: zaptest.NewLogger(t)})
		if err != nil {
			t.Fatal(err)
		}
		return ch
	})
}
