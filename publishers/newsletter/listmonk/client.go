// Package listmonk is a client of listmonk (https://listmonk.app), a program
// that keeps subscribers and sends campaigns to them. It covers the part of the
// API that a digest needs, and was tested with listmonk 1.1, 5.1 and 6.2.
//
// listmonk renders bodies and subjects as Go templates. Text and HTML given to
// this package is not a template: see [Quote].
package listmonk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// timeout is the maximum duration of a request.
	timeout = 30 * time.Second
	// maxAnswer is the maximum size of a response. Lists of campaigns are
	// requested without bodies.
	maxAnswer = 16 << 20
	// maxMessage is the maximum length of a quoted response.
	maxMessage = 300
)

// A Client calls the API of a listmonk as an API user. It is safe for
// concurrent use.
type Client struct {
	base, user, token string
	http              *http.Client
}

// New returns a client for the listmonk at a URL, without /api. It sends no
// request.
func New(base, user, token string) *Client {
	// A digest takes ten requests a week, so connections are not kept.
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	return &Client{
		base: strings.TrimRight(base, "/"), user: user, token: token,
		http: &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // do not send the token elsewhere
		}},
	}
}

// An Error is a failed request.
type Error struct {
	Doing   string // "create a campaign"
	Status  int    // of HTTP; 0 without a response
	Message string // from listmonk
	Err     error  // without a response
}

// Error returns what failed and a remedy. It does not show the token.
func (e *Error) Error() string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("listmonk: %s: %v", e.Doing, e.Err)
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		return fmt.Sprintf("listmonk: %s: it answers %d (%s); see that newsletter.listmonk.user and token are those of an API user of listmonk that may do so",
			e.Doing, e.Status, e.Message)
	case e.Status/100 == 3:
		return fmt.Sprintf("listmonk: %s: it answers %d, and redirects are not followed; set newsletter.listmonk.url to the address that it leads to", e.Doing, e.Status)
	}
	return fmt.Sprintf("listmonk: %s: it answers %d (%s)", e.Doing, e.Status, e.Message)
}

func (e *Error) Unwrap() error { return e.Err }

// isAbsent reports whether the error of a request for one object means that it
// does not exist. listmonk uses status 400 for that.
func isAbsent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound)
}

// sendRequest sends a request, and decodes the data of the response. body and
// into may be nil.
func (c *Client) sendRequest(ctx context.Context, doing, method, path string, query url.Values, body, into any) error {
	failed := func(err error) error { return &Error{Doing: doing, Err: err} }
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return failed(err)
		}
		sent = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+"/api/"+path, sent)
	if err != nil {
		return failed(err)
	}
	r.URL.RawQuery = query.Encode()
	r.SetBasicAuth(c.user, c.token)
	r.Header.Set("User-Agent", "netsync")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return failed(withoutURL(err))
	}
	defer func() { _ = answer.Body.Close() }() // the body was read, or is useless
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return failed(err)
	case answer.StatusCode/100 != 2:
		return &Error{Doing: doing, Status: answer.StatusCode, Message: errorMessage(data, answer)}
	case len(data) > maxAnswer:
		return failed(fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20))
	case into == nil:
		return nil
	}
	wrapped := struct {
		Data any `json:"data"`
	}{into}
	if err := json.Unmarshal(data, &wrapped); err != nil {
		return failed(fmt.Errorf("the answer is not listmonk's: %w", err))
	}
	return nil
}

// withoutURL removes the URL, which is long for a search, from an error of the
// HTTP client.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// errorMessage returns listmonk's error message on one line.
func errorMessage(data []byte, answer *http.Response) string {
	var said struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(data, &said) != nil || said.Message == "" {
		return http.StatusText(answer.StatusCode) // the page of a proxy
	}
	text := strings.Join(strings.Fields(said.Message), " ")
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage]) + "…"
	}
	return text
}
