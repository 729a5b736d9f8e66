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
	o, ok := d.readOffer(w, r)
	if !ok {
		return
	}
	f := d.newFrame(r, o, "")
	d.writeForm(w, r, http.StatusOK, f.newForm(subscribers.Preferences{Language: f.Lang}))
}

func (d *Desk) writeForm(w http.ResponseWriter, r *http.Request, status int, f form) {
	f.Heading = f.W.Title
	d.writePage(w, r, status, "subscribe.html", subscribePage{f, fmt.Sprintf(f.W.Lead, f.Site.Body)})
}

// handleSubscribe invites an address, with the same answer for any.
func (d *Desk) handleSubscribe(w http.ResponseWriter, r *http.Request) {
	if d.refuseForNow(w, r, d.limits.countRequest(d.clientNetwork(r), d.Now())) {
		return
	}
	if r.PostForm.Get(fieldTrap) != "" { // people do not see this field
		d.afterForm(w, r)
		return
	}
	o, ok := d.readOffer(w, r)
	if !ok {
		return
	}
	p, f := d.newFrame(r, o, "").readForm(r.PostForm)
	address, err := f.readAddress(r.PostForm)
	if err != nil || f.Wrong {
		d.writeForm(w, r, http.StatusUnprocessableEntity, f)
		return
	}
	if wait, ok := d.queueInvitation(subscribers.Request{Address: address, Preferences: p}, d.mailNetwork(r)); !ok {
		d.putOff(w, r, http.StatusServiceUnavailable, wait, func(p phrases) notice { return p.Full })
		return
	}
	d.afterForm(w, r)
}

// afterForm redirects to a page that can be reloaded. The location is relative,
// since a proxy may serve it below another path.
func (d *Desk) afterForm(w http.ResponseWriter, r *http.Request) {
	to := url.URL{Path: rootPath(r) + strings.TrimPrefix(sentPath, below)}
	if lang := r.URL.Query().Get("lang"); lang != "" {
		to.RawQuery = url.Values{"lang": {lang}}.Encode()
	}
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusSeeOther)
}

func (d *Desk) writeSent(w http.ResponseWriter, r *http.Request) {
	o, ok := d.readOffer(w, r)
	if !ok {
		return
	}
	f := d.newFrame(r, o, "")
	f.Heading = f.W.SentTitle
	d.writePage(w, r, http.StatusOK, "sent.html", f)
}
