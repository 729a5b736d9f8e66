package githubapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-github/v60/github"

	"netsync/schema/shared/githubapi"
)

func bearerToken(token string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return "Bearer " + token, nil }
}

// answering is a network on which everything is answered at once.
type answering struct{}

func (answering) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

func TestAllWhoWriteWithOneTokenKeepOnePace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var paces githubapi.Paces
		client := func(token string) *http.Client {
			return &http.Client{Transport: &githubapi.Transport{
				Base: answering{}, Host: "api.example.org", Authorize: bearerToken(token), Pace: paces.Of(token), Timeout: time.Minute, MaxAnswer: 1 << 20,
			}}
		}
		took := func(clients ...*http.Client) time.Duration {
			began := time.Now()
			for _, c := range clients {
				answer, err := c.Post("https://api.example.org/", "text/plain", strings.NewReader("x"))
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
			}
			return time.Since(began)
		}
		reporter, target, other := client("a"), client("a"), client("b")
		if d := took(reporter, target, reporter); d != 2*githubapi.WritePause {
			t.Errorf("three writes with one token took %v", d)
		}
		if d := took(other); d != 0 {
			t.Errorf("a write with another token waited for %v", d)
		}
		began := time.Now()
		if answer, err := reporter.Get("https://api.example.org/"); err != nil || time.Since(began) != 0 {
			t.Errorf("a read waited for %v, %v", time.Since(began), err)
		} else {
			answer.Body.Close()
		}
	})
}

func TestTheTokenGoesToOneHost(t *testing.T) {
	t.Parallel()
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, r.Header.Get("Authorization")) }))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &githubapi.Transport{Host: u.Host, Authorize: bearerToken("secret"), Pace: new(githubapi.Pace), Timeout: time.Minute, MaxAnswer: 1}}
	answer, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer, err = client.Get("http://localhost:1/"); err == nil {
		answer.Body.Close()
		t.Error("another host was asked")
	}
	if len(seen) != 1 || seen[0] != "Bearer secret" {
		t.Errorf("the server saw %q", seen)
	}
}

func TestGitHubSaysHowLongToPause(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		header http.Header
		want   time.Duration
		ok     bool
	}{
		"an error":            {http.StatusUnprocessableEntity, nil, 0, false},
		"a time":              {http.StatusForbidden, http.Header{"Retry-After": {"7"}}, 7 * time.Second, true},
		"no time":             {http.StatusForbidden, http.Header{"Retry-After": {"0"}}, time.Second, true},
		"too many, no header": {http.StatusTooManyRequests, nil, time.Minute, true},
	} {
		header := c.header
		if header == nil {
			header = http.Header{}
		}
		err := &github.ErrorResponse{Response: &http.Response{StatusCode: c.status, Header: header}}
		if pause, ok := githubapi.Limit(err); pause != c.want || ok != c.ok {
			t.Errorf("%s: %v, %v; want %v, %v", name, pause, ok, c.want, c.ok)
		}
	}
}
