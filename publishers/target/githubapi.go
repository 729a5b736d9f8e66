package target

import (
	"context"
	"net/url"
	"time"

	"netsync/schema/shared/githubapi"
)

// Limits of a conversation with GitHub's API.
const (
	requestLimit = 2 * time.Minute
	maxAnswer    = 64 << 20
)

// newTransport returns the way to GitHub's API.
func (c GitHubConfig) newTransport() *githubapi.Transport {
	t := &githubapi.Transport{
		Base: c.Transport, Pace: c.Pace, Timeout: requestLimit, MaxAnswer: maxAnswer,
		Authorize: func(context.Context) (string, error) { return "Bearer " + c.Token, nil },
	}
	if u, err := url.Parse(c.APIURL); err == nil { // Validate has seen it
		t.Host = u.Host
	}
	if t.Pace == nil {
		t.Pace = new(githubapi.Pace)
	}
	return t
}

// asLater makes a LaterError of GitHub's wish to be left alone.
func asLater(err error) error {
	if pause, ok := githubapi.Limit(err); ok {
		return &LaterError{pause, err}
	}
	return err
}
