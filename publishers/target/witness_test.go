package target_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A witness has Prism look at each request before a hub, which keeps state,
// answers it.
type witness struct {
	t     *testing.T
	prism string
	hub   *hub
	asked int
}

func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	u, err := url.Parse(w.prism + r.URL.EscapedPath() + "?" + r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	// The description takes a ref as one part of a path.
	for _, ref := range []string{"/git/ref/", "/git/refs/"} {
		if before, after, ok := strings.Cut(u.EscapedPath(), ref); ok {
			u.Path, u.RawPath = before+ref+strings.ReplaceAll(after, "%2F", "/"), before+ref+strings.ReplaceAll(after, "/", "%2F")
		}
	}
	if before, after, ok := strings.Cut(u.EscapedPath(), "/contents/"); ok {
		u.Path, u.RawPath = before+"/contents/"+after, before+"/contents/"+strings.ReplaceAll(after, "/", "%2F")
	}
	ask, err := http.NewRequestWithContext(r.Context(), r.Method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	ask.Header = r.Header.Clone()
	ask.Header.Set("Accept", "application/vnd.github+json, application/json;q=0.9")
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(answer.Body)
	if answer.StatusCode == http.StatusUnprocessableEntity || answer.StatusCode == http.StatusNotFound || answer.StatusCode == http.StatusBadRequest {
		w.t.Errorf("GitHub would not take %s %s: %s\n%s", r.Method, u, said, body)
	}
	w.asked++
	return w.hub.RoundTrip(r)
}
