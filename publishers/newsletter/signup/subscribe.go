package signup

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"netsync/publishers/newsletter/subscribers"
)

// A subscribePage is the form.
type subscribePage struct {
	form
	Lead string
}

func (d *Desk) showForm(w http.ResponseWriter, r *http.Request) {
	o, ok := d.offer(w, r)
	if !ok {
		return
	}
	f := d.frame(r, o, "")
	d.form(w, r, http.StatusOK, f.choices(subscribers.Preferences{Language: f.Lang}))
}

func (d *Desk) form(w http.ResponseWriter, r *http.Request, status int, f form) {
	f.Heading = f.W.Title
	d.show(w, r, status, "subscribe.html", subscribePage{f, fmt.Sprintf(f.W.Lead, f.Site.Body)})
}

// subscribe has somebody invited, and says the same whoever that is.
func (d *Desk) subscribe(w http.ResponseWriter, r *http.Request) {
	if d.hold(w, r, d.limits.request(d.client(r), d.Now())) {
		return
	}
	if r.PostForm.Get(fieldTrap) != "" { // nobody who sees the page fills it in
		d.afterForm(w, r)
		return
	}
	o, ok := d.offer(w, r)
	if !ok {
		return
	}
	p, f := d.frame(r, o, "").read(r.PostForm)
	address, err := f.readAddress(r.PostForm)
	if err != nil || f.Wrong {
		d.form(w, r, http.StatusUnprocessableEntity, f)
		return
	}
	if wait, ok := d.invite(subscribers.Request{Address: address, Preferences: p}, d.neighbours(r)); !ok {
		d.putOff(w, r, http.StatusServiceUnavailable, wait, func(p phrases) notice { return p.Full })
		return
	}
	d.afterForm(w, r)
}

// afterForm goes on to a page that can be loaded again. The way there is
// relative, since a proxy may serve it below another path.
func (d *Desk) afterForm(w http.ResponseWriter, r *http.Request) {
	to := url.URL{Path: root(r) + strings.TrimPrefix(sentPath, below)}
	if lang := r.URL.Query().Get("lang"); lang != "" {
		to.RawQuery = url.Values{"lang": {lang}}.Encode()
	}
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusSeeOther)
}

func (d *Desk) sent(w http.ResponseWriter, r *http.Request) {
	o, ok := d.offer(w, r)
	if !ok {
		return
	}
	f := d.frame(r, o, "")
	f.Heading = f.W.SentTitle
	d.show(w, r, http.StatusOK, "sent.html", f)
}
