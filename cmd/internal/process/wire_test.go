package process

import (
	"testing"

	"netsync/config"
	"netsync/publishers/website"
)

// The website leads to the newsletter where there is one, and says the same in
// every process, whatever secrets that has.
func TestWhereReadersFindTheNewsletter(t *testing.T) {
	t.Parallel()
	const head = "website: {base_url: https://www.example.org/networks}\nnewsletter: "
	archive := func(at string) website.Mail {
		return website.Mail{Archive: at + "/newsletter/archive/", Feed: at + "/newsletter/archive/feed.json"}
	}
	signup := func(at string) website.Mail {
		m := archive(at)
		m.Signup = at + "/newsletter/subscribe/"
		return m
	}
	for yaml, want := range map[string]website.Mail{
		"{enabled: false, from: a@example.org}": {},
		"{}":                                    archive("https://www.example.org/networks"),
		"{from: a@example.org}":                 signup("https://www.example.org/networks"),
		"{from: a@example.org, smtp: 'localhost:25'}":                                                        signup("https://www.example.org/networks"),
		"{from: a@example.org, smtp: 'localhost:25', signup: false}":                                         archive("https://www.example.org/networks"),
		"{from: a@example.org, listmonk: {url: 'https://lists.example.org', user: x, token: y, lists: [1]}}": archive("https://www.example.org/networks"),
		"{from: a@example.org, base_url: 'https://mail.example.org'}":                                        signup("https://mail.example.org"),
	} {
		cfg, err := config.Parse("netsync.yaml", []byte(head+yaml), nil)
		if err != nil {
			t.Fatalf("%s: %v", yaml, err)
		}
		if got := (builder{Config: cfg}).mailAddresses(); got != want {
			t.Errorf("%s: %+v, want %+v", yaml, got, want)
		}
	}
}
