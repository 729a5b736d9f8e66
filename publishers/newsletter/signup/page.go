package signup

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
)

//go:embed templates/*.html
var templateFiles embed.FS

// parseTemplates parses the templates. html/template escapes user input.
func parseTemplates() (*template.Template, error) {
	return template.New("").ParseFS(templateFiles, "templates/*.html")
}

// A frame holds the data common to all pages.
type frame struct {
	W       phrases
	Lang    string
	Root    string // relative path to /newsletter/
	Style   string
	Site    text   // the dataset's title
	Website string // address; "" if unknown
	Heading string
	Wrong   bool // the form has errors
	Open    bool
	Switch  []tongue // nil if there is only one language
	offer   newsletter.Offer
}

// A tongue is a language in which a page is available.
type tongue struct {
	Lang, Name string
	Current    bool
}

// newFrame returns the frame of a page in the reader's language; own is the language of a
// subscriber, "" if unknown.
func (d *Desk) newFrame(r *http.Request, o newsletter.Offer, own string) frame {
	all := pageLanguages(o)
	f := frame{Root: rootPath(r), Style: d.style.name, Website: d.Website, Open: d.Open, offer: o, Lang: chooseLanguage(r, all, own)}
	f.W = phrasesIn(f.Lang)
	if f.Site = f.translateText(o.Title); f.Site.Body == "" {
		f.Site = text{Body: f.W.Digest}
	}
	if len(all) > 1 {
		for _, tag := range all {
			f.Switch = append(f.Switch, tongue{tag, nameOf(tag), tag == f.Lang})
		}
	}
	return f
}

// rootPath returns the path from a page up to /newsletter/. It is relative, since a proxy
// may serve that below another path.
func rootPath(r *http.Request) string {
	depth := strings.Count(strings.TrimPrefix(r.URL.EscapedPath(), below), "/")
	if depth == 0 {
		return "./"
	}
	return strings.Repeat("../", depth)
}

// Dir is the direction of the page.
func (f frame) Dir() string { return "ltr" } // all languages with phrases

// readOffer returns the choices of the dataset, or writes an error page.
func (d *Desk) readOffer(w http.ResponseWriter, r *http.Request) (newsletter.Offer, bool) {
	o, err := d.Letter.Offer(r.Context())
	if err != nil {
		d.writeFailure(w, r, err)
		return o, false
	}
	d.known.Store(&o)
	return o, true
}

// lastOffer returns the last choices that were read, for pages that must not
// fail.
func (d *Desk) lastOffer() newsletter.Offer {
	if o := d.known.Load(); o != nil {
		return *o
	}
	var o newsletter.Offer
	o.Languages = []string{"en", "nl"}
	return o
}

// writePage writes a page.
func (d *Desk) writePage(w http.ResponseWriter, r *http.Request, status int, name string, view any) {
	var page bytes.Buffer
	if err := d.templates.ExecuteTemplate(&page, name, view); err != nil {
		d.Log.Error("page not written", zap.String("page", name), zap.Error(err))
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(page.Len()))
	h.Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // the reader may have gone
}

// A noticePage shows one notice.
type noticePage struct {
	frame
	Text   string
	ToForm bool
}

// writeNotice writes a page with one notice.
func (d *Desk) writeNotice(w http.ResponseWriter, r *http.Request, status int, which func(phrases) notice) {
	f := d.newFrame(r, d.lastOffer(), "")
	n := which(f.W)
	f.Heading = n.Title
	d.writePage(w, r, status, "notice.html", noticePage{f, n.Text, d.Open && (status == http.StatusNotFound || status == http.StatusGone)})
}

// writeFailure writes a page about an invalid link, or another failure. It does
// not log the link.
func (d *Desk) writeFailure(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, subscribers.ErrToken):
		if d.refuseForNow(w, r, d.limits.countGuess(d.clientNetwork(r), d.Now())) {
			return
		}
		d.writeNotice(w, r, http.StatusNotFound, func(p phrases) notice { return p.Forged })
	case errors.Is(err, subscribers.ErrExpired):
		d.writeNotice(w, r, http.StatusGone, func(p phrases) notice { return p.Expired })
	case errors.Is(err, subscribers.ErrUnknown):
		d.writeNotice(w, r, http.StatusGone, func(p phrases) notice { return p.Away })
	case errors.Is(err, fs.ErrNotExist):
		w.Header().Set("Retry-After", "60")
		d.writeNotice(w, r, http.StatusServiceUnavailable, func(p phrases) notice { return p.Nothing })
	case errors.Is(err, context.Canceled): // the reader has gone
	default:
		d.Log.Error("page for subscribers", zap.Error(err))
		w.Header().Set("Retry-After", "60")
		d.writeNotice(w, r, http.StatusServiceUnavailable, func(p phrases) notice { return p.Trouble })
	}
}

// mailNewLink answers a link of an earlier secret by mailing a new one to its
// subscriber.
func (d *Desk) mailNewLink(w http.ResponseWriter, r *http.Request, to subscribers.Request) {
	if wait, ok := d.queueInvitation(to, d.mailNetwork(r)); !ok {
		d.putOff(w, r, http.StatusServiceUnavailable, wait, func(p phrases) notice { return p.Full })
		return
	}
	d.writeNotice(w, r, http.StatusGone, func(p phrases) notice { return p.Renewed })
}

// refuseForNow refuses a request if wait is positive, and reports whether it
// did.
func (d *Desk) refuseForNow(w http.ResponseWriter, r *http.Request, wait time.Duration) bool {
	if wait <= 0 {
		return false
	}
	d.putOff(w, r, http.StatusTooManyRequests, wait, func(p phrases) notice { return p.Busy })
	return true
}

// putOff writes a notice to try again after a while.
func (d *Desk) putOff(w http.ResponseWriter, r *http.Request, status int, wait time.Duration, which func(phrases) notice) {
	seconds := max(1, int(math.Ceil(wait.Seconds())))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	d.writeNotice(w, r, status, func(p phrases) notice {
		n := which(p)
		n.Text = fmt.Sprintf(n.Text, p.formatWait(seconds))
		return n
	})
}
