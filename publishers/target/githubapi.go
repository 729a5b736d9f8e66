package target

import (
	"context"
	"net/url"
	"time"

	"netsync/schema/shared/githubapi"
)

// Limits of requests to GitHub's API.
const (
	requestLimit = 2 * time.Minute
	maxAnswer    = 64 << 20
)

// newTransport returns the transport for GitHub's API.
func (c GitHubConfig) newTransport() *githubapi.Transport {
	t := &githubapi.Transport{
		Base: c.Transport, Pace: c.Pace, Timeout: requestLimit, MaxAnswer: maxAnswer,
		Authorize: func(context.Context) (string, error) { return "Bearer " + c.Token, nil },
	}
	if u, err := url.Parse(c.APIURL); err == nil { // Validate checks it
		t.Host = u.Host
	}
	if t.Pace == nil {
		t.Pace = new(githubapi.Pace)
	}
	return t
}

// asLater returns a LaterError if GitHub asked for a pause.
func asLater(err error) error {
	if pause, ok := githubapi.Limit(err); ok {
		return &LaterError{pause, err}
	}
	return err
}
