// Package listmonk speaks to a listmonk (https://listmonk.app): a program that
// keeps subscribers and sends campaigns to them. It knows of its API what handing
// over a digest takes, and was held against listmonk 1.1, 5.1 and 6.2.
//
// listmonk renders bodies and subjects as Go templates. What is handed over here
// as text or HTML is no template, whatever is in it: see [Quote].
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
	// timeout is how long a request may take as a whole.
	timeout = 30 * time.Second
	// maxAnswer bounds what is read of an answer. Campaigns are asked for
	// without their bodies where there may be many.
	maxAnswer = 16 << 20
	// maxMessage bounds what an error quotes of an answer.
	maxMessage = 300
)

// A Client asks one listmonk as one of its API users. It may be used by several
// goroutines.
type Client struct {
	base, user, token string
	http              *http.Client
}

// New makes a client for the listmonk at an address, without /api behind it. It
// asks nothing.
func New(base, user, token string) *Client {
	// A digest takes ten requests a week: no connection is kept for them.
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	return &Client{
		base: strings.TrimRight(base, "/"), user: user, token: token,
		http: &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // the token goes to nobody else
		}},
	}
}

// An Error is an answer that is no success, or none at all.
type Error struct {
	Doing   string // "create a campaign"
	Status  int    // of HTTP; 0 where there is no answer
	Message string // what listmonk says of it
	Err     error  // where there is no answer
}

// Error tells what was being done, and never the token.
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

// isAbsent reports whether an answer to a question for one thing says that there
// is none. listmonk says so with 400, which nothing else is wrong with.
func isAbsent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound)
}

// do asks, and decodes what is in the answer's data. Neither body nor into need
// be there.
func (c *Client) do(ctx context.Context, doing, method, path string, query url.Values, body, into any) error {
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
		return failed(reason(err))
	}
	defer func() { _ = answer.Body.Close() }() // it was read, or is no good
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return failed(err)
	case answer.StatusCode/100 != 2:
		return &Error{Doing: doing, Status: answer.StatusCode, Message: message(data, answer)}
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

// reason is an error of the HTTP client without the address, which a search makes
// long.
func reason(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// message is what listmonk says of a failure, on one line.
func message(data []byte, answer *http.Response) string {
	var said struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(data, &said) != nil || said.Message == "" {
		return http.StatusText(answer.StatusCode) // a page of somebody before it
	}
	text := strings.Join(strings.Fields(said.Message), " ")
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage]) + "…"
	}
	return text
}
