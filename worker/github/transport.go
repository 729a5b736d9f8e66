package github

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"netsync/schema/shared/githubapi"
)

// Limits of requests to the API.
const (
	requestLimit = 30 * time.Second
	// maxAnswer is the maximum size of an answer.
	maxAnswer = 8 << 20
	// accept is the media type that GitHub recommends and documents. The library asks for
	// older ones.
	accept = "application/vnd.github+json, application/json;q=0.9"
)

// A credential authenticates requests.
type credential interface {
	// authHeader returns the value of the header Authorization.
	authHeader(ctx context.Context) (string, error)
	// handleRefusal is called after GitHub did not accept the credential.
	handleRefusal()
}

// A token is a credential that an operator created.
type token string

func (t token) authHeader(context.Context) (string, error) { return "Bearer " + string(t), nil }
func (t token) handleRefusal()                             {}

// A transport makes requests to GitHub's API: it sets the media type, and asks only for
// answers that changed.
type transport struct {
	next *githubapi.Transport
	by   credential
	kept *kept
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Accept", accept)
	answer, err := t.kept.roundTrip(t.next, r)
	if err == nil && answer.StatusCode == http.StatusUnauthorized {
		t.by.handleRefusal()
	}
	return answer, err
}

// Limits of the kept answers.
const (
	maxKept     = 256
	maxKeptBody = 1 << 20
)

// kept holds answers for conditional requests (RFC 9110 §13.1.2): GitHub does not count a
// request whose answer did not change.
type kept struct {
	mu      sync.Mutex
	answers map[string]keptAnswer
}

type keptAnswer struct {
	tag    string
	header http.Header
	body   []byte
}

func (k *kept) roundTrip(base http.RoundTripper, r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		return base.RoundTrip(r)
	}
	k.mu.Lock()
	before, has := k.answers[r.URL.String()]
	k.mu.Unlock()
	if has {
		r.Header.Set("If-None-Match", before.tag)
	}
	answer, err := base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if has && answer.StatusCode == http.StatusNotModified {
		answer.Body.Close()
		return before.newAnswer(answer), nil
	}
	return answer, k.keepAnswer(r.URL.String(), answer)
}

// newAnswer returns the kept answer for one with the status 304.
func (a keptAnswer) newAnswer(unchanged *http.Response) *http.Response {
	header := a.header.Clone()
	for name, values := range unchanged.Header {
		header[name] = values
	}
	unchanged.Status, unchanged.StatusCode = "200 OK", http.StatusOK
	unchanged.Header = header
	unchanged.Body, unchanged.ContentLength = io.NopCloser(bytes.NewReader(a.body)), int64(len(a.body))
	return unchanged
}

// keepAnswer keeps an answer that has an entity tag and is not too large. If the limit is
// reached, it first drops all kept answers.
func (k *kept) keepAnswer(url string, answer *http.Response) error {
	tag := answer.Header.Get("ETag")
	if tag == "" || answer.StatusCode != http.StatusOK {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxKeptBody+1))
	if err != nil {
		answer.Body.Close()
		return err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(data), answer.Body), answer.Body}
	if len(data) > maxKeptBody {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.answers == nil || len(k.answers) >= maxKept {
		k.answers = make(map[string]keptAnswer)
	}
	k.answers[url] = keptAnswer{tag, answer.Header.Clone(), data}
	return nil
}
