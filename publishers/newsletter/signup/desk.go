// Package signup is where people subscribe to the digest, confirm it, choose
// how they want it, and leave: pages without scripts and cookies, which look
// like those of the website.
//
// Nothing that a program fetches changes anything: scanners of mail follow
// links. What the form answers is the same for everybody, so that it tells
// nobody who is on the list; only the mail does.
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

// A Config is what a Desk works with.
type Config struct {
	Letter Letter
	// Open says that people may subscribe. Who is on the list can choose and
	// leave in any case.
	Open    bool
	Website string // its address, for a link
	// BounceToken is what those have who report mail that bounced; nobody may
	// where it is "".
	BounceToken string
	// Address returns the address that a request comes from; nil means that of
	// its connection.
	Address func(*http.Request) netip.Addr
	// Observe, if set, hears what became of each request for an invitation;
	// several goroutines may call it at once.
	Observe func(Outcome)
	Log     *zap.Logger
	Now     func() time.Time // nil means time.Now
	// Retry is the pause before a mail that could not be sent is tried again;
	// 0 means a minute.
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
	held      rate.Sometimes // tells of mail that is not sent
	known     atomic.Pointer[newsletter.Offer]
}

// New makes a desk. It starts nothing.
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
		c.Address = peer
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
	d.routes()
	return d, nil
}

// below is what all pages are below.
const below = "/newsletter/"

// sentPath is the page that follows on the form.
const sentPath = newsletter.SignupPath + "sent"

func (d *Desk) routes() {
	if d.Open {
		d.page(newsletter.SignupPath+"{$}", d.showForm, d.subscribe)
		d.page(withoutSlash, addSlash, d.subscribe)
		d.page(sentPath, d.sent, nil)
		d.page(newsletter.ConfirmPath, d.askToConfirm, d.confirm)
	} else {
		d.page(newsletter.SignupPath+"{$}", d.closed, nil)
		d.page(withoutSlash, addSlash, nil)
		d.page(newsletter.ConfirmPath, d.closed, nil)
	}
	d.page(newsletter.PreferencesPath, d.showPreferences, d.prefer)
	d.page(newsletter.UnsubscribePath, d.askToLeave, d.leave)
	d.handle(assetsPath, d.asset)
	if d.BounceToken != "" {
		d.handle(bouncesPath, d.bounces)
	}
}

// closed answers who would subscribe where nobody can.
func (d *Desk) closed(w http.ResponseWriter, r *http.Request) {
	d.writeNotice(w, r, http.StatusNotFound, func(p phrases) notice { return p.Closed })
}

func (d *Desk) handle(pattern string, do http.HandlerFunc) {
	d.patterns = append(d.patterns, pattern)
	d.mux.HandleFunc(pattern, do)
}

// Patterns are those of http.ServeMux that the desk answers.
func (d *Desk) Patterns() []string { return d.patterns }

// ServeHTTP answers a request. What is not behind one of the patterns is not
// found.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// page routes what can be read, and what can be sent, where that is not nil.
func (d *Desk) page(pattern string, read, send http.HandlerFunc) {
	methods := "GET, HEAD"
	if send != nil {
		methods += ", POST"
	}
	d.handle(pattern, func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		switch {
		case r.Method == http.MethodGet, r.Method == http.MethodHead:
			read(w, r)
		case r.Method == http.MethodPost && send != nil:
			if d.receive(w, r) {
				send(w, r)
			}
		default:
			w.Header().Set("Allow", methods)
			d.writeNotice(w, r, http.StatusMethodNotAllowed, func(p phrases) notice { return p.Method })
		}
	})
}

// withoutSlash is the form's address as people write it. A folder's address ends
// with a slash: then relative links are the same to every reader.
var withoutSlash = strings.TrimSuffix(newsletter.SignupPath, "/")

func addSlash(w http.ResponseWriter, r *http.Request) {
	to := url.URL{Path: path.Base(r.URL.Path) + "/", RawQuery: r.URL.RawQuery}
	w.Header().Set("Location", to.String()) // relative, since a proxy may serve it below another path
	w.WriteHeader(http.StatusMovedPermanently)
}

// policy lets a page load its stylesheet, and nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// protect keeps a page, whose address is a key, from being kept, found, framed,
// or named to others.
func protect(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY") // as frame-ancestors says, for old browsers
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// maxBody is the most bytes of a form: one with a thousand topics is smaller.
const maxBody = 256 << 10

// receive reads a form of either encoding. What cannot be read lacks its fields,
// and is answered like that.
func (d *Desk) receive(w http.ResponseWriter, r *http.Request) bool {
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

// token is what the address of a page ends with.
func token(r *http.Request, path string) string { return strings.TrimPrefix(r.URL.Path, path) }
