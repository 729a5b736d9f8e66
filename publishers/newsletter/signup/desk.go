// Package signup serves the pages on which people subscribe to the digest,
// confirm, choose their preferences, and unsubscribe. They have no scripts or
// cookies, and look like the website.
//
// A GET request changes nothing: mail scanners follow links. The answer to a
// form does not reveal whether an address is on the list; only the mail does.
package signup

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
)

// A Letter is the newsletter that people subscribe to.
type Letter interface {
	Offer(ctx context.Context) (newsletter.Offer, error)
	Invite(ctx context.Context, r subscribers.Request) error
	Requested(ctx context.Context, sealed string) (subscribers.Request, error)
	Confirm(ctx context.Context, sealed string) (subscribers.Subscriber, error)
	Subscriber(ctx context.Context, p subscribers.Purpose, token string) (subscribers.Subscriber, error)
	Token(ctx context.Context, p subscribers.Purpose, id string) (string, error)
	Prefer(ctx context.Context, token string, p subscribers.Preferences) (subscribers.Subscriber, error)
	Unsubscribe(ctx context.Context, token string) error
	Bounced(ctx context.Context, failures []subscribers.Failure) (newsletter.Bounced, error)
}

var _ Letter = (*newsletter.Newsletter)(nil)

// A Config configures a Desk.
type Config struct {
	Letter Letter
	// Open allows people to subscribe. Subscribers can always change their
	// preferences and unsubscribe.
	Open    bool
	Website string // its address, for a link
	// BounceToken authorizes reports of bounces; "" allows none.
	BounceToken string
	// Address returns the address of a client; nil means that of its
	// connection.
	Address func(*http.Request) netip.Addr
	// Observe, if set, is called with the outcome of each request for an
	// invitation, possibly concurrently.
	Observe func(Outcome)
	Log     *zap.Logger
	Now     func() time.Time // nil means time.Now
	// Retry is the pause before sending a failed mail again; 0 means a minute.
	Retry time.Duration
}

// A Desk answers requests for the pages, and sends invitations while Run runs.
type Desk struct {
	Config
	templates *template.Template
	style     stylesheet
	mux       *http.ServeMux
	patterns  []string
	limits    *limits
	queue     *queue
	held      rate.Sometimes // limits log lines about unsent mail
	known     atomic.Pointer[newsletter.Offer]
}

// New returns a desk. It starts nothing.
func New(c Config) (*Desk, error) {
	if c.Letter == nil || c.Log == nil {
		return nil, errors.New("pages for subscribers: a newsletter and a log are needed")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Retry == 0 {
		c.Retry = time.Minute
	}
	if c.Address == nil {
		c.Address = peerAddress
	}
	if c.Observe == nil {
		c.Observe = func(Outcome) {}
	}
	d := &Desk{Config: c, mux: http.NewServeMux(), limits: newLimits(), queue: newQueue(),
		held: rate.Sometimes{First: 1, Interval: time.Hour}}
	var err error
	if d.templates, err = parseTemplates(); err != nil {
		return nil, fmt.Errorf("pages for subscribers: %w", err)
	}
	d.style = readStyle()
	d.addRoutes()
	return d, nil
}

// below is the path prefix of all pages.
const below = "/newsletter/"

// sentPath is the page after the form.
const sentPath = newsletter.SignupPath + "sent"

func (d *Desk) addRoutes() {
	if d.Open {
		d.handlePage(newsletter.SignupPath+"{$}", d.showForm, d.handleSubscribe)
		d.handlePage(withoutSlash, addSlash, d.handleSubscribe)
		d.handlePage(sentPath, d.writeSent, nil)
		d.handlePage(newsletter.ConfirmPath, d.askToConfirm, d.handleConfirm)
	} else {
		d.handlePage(newsletter.SignupPath+"{$}", d.serveClosed, nil)
		d.handlePage(withoutSlash, addSlash, nil)
		d.handlePage(newsletter.ConfirmPath, d.serveClosed, nil)
	}
	d.handlePage(newsletter.PreferencesPath, d.showPreferences, d.changePreferences)
	d.handlePage(newsletter.UnsubscribePath, d.askToLeave, d.handleLeave)
	d.handle(assetsPath, d.serveAsset)
	if d.BounceToken != "" {
		d.handle(bouncesPath, d.handleBounces)
	}
}

// serveClosed answers a form while sign-up is closed.
func (d *Desk) serveClosed(w http.ResponseWriter, r *http.Request) {
	d.writeNotice(w, r, http.StatusNotFound, func(p phrases) notice { return p.Closed })
}

func (d *Desk) handle(pattern string, do http.HandlerFunc) {
	d.patterns = append(d.patterns, pattern)
	d.mux.HandleFunc(pattern, do)
}

// Patterns returns the http.ServeMux patterns of the desk.
func (d *Desk) Patterns() []string { return d.patterns }

// ServeHTTP answers a request. A path without a pattern is not found.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// handlePage adds the handlers of a page for GET and, if send is not nil, for POST.
func (d *Desk) handlePage(pattern string, read, send http.HandlerFunc) {
	methods := "GET, HEAD"
	if send != nil {
		methods += ", POST"
	}
	d.handle(pattern, func(w http.ResponseWriter, r *http.Request) {
		setPrivate(w.Header())
		switch {
		case r.Method == http.MethodGet, r.Method == http.MethodHead:
			read(w, r)
		case r.Method == http.MethodPost && send != nil:
			if d.parseForm(w, r) {
				send(w, r)
			}
		default:
			w.Header().Set("Allow", methods)
			d.writeNotice(w, r, http.StatusMethodNotAllowed, func(p phrases) notice { return p.Method })
		}
	})
}

// withoutSlash is the form's path as people type it. A folder's path ends with
// a slash, so that relative links work.
var withoutSlash = strings.TrimSuffix(newsletter.SignupPath, "/")

func addSlash(w http.ResponseWriter, r *http.Request) {
	to := url.URL{Path: path.Base(r.URL.Path) + "/", RawQuery: r.URL.RawQuery}
	w.Header().Set("Location", to.String()) // relative, since a proxy may serve it below another path
	w.WriteHeader(http.StatusMovedPermanently)
}

// policy lets a page load its stylesheet, and nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// setPrivate keeps a page with a secret address out of caches, search engines,
// frames and Referer headers.
func setPrivate(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY") // the same as frame-ancestors, for old browsers
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// maxBody is the maximum size of a form in bytes; one with a thousand topics is
// smaller.
const maxBody = 256 << 10

// parseForm parses a form of either encoding. An invalid form has no fields.
func (d *Desk) parseForm(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	err := r.ParseForm()
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		err = r.ParseMultipartForm(maxBody)
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		d.writeNotice(w, r, http.StatusRequestEntityTooLarge, func(p phrases) notice { return p.Large })
		return false
	}
	return true
}

// pathToken returns the last part of a page's path.
func pathToken(r *http.Request, path string) string { return strings.TrimPrefix(r.URL.Path, path) }
