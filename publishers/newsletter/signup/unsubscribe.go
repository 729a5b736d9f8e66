package signup

import (
	"errors"
	"fmt"
	"net/http"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
)

// What a mail program sends for somebody who unsubscribes in it (RFC 8058
// §3.1). The page's own button sends the same.
const (
	oneClickKey   = "List-Unsubscribe"
	oneClickValue = "One-Click"
)

// A leavePage asks whether somebody wants to leave, or says that they have.
type leavePage struct {
	frame
	Lead        string
	Preferences string // token; "" for a link of an earlier secret
}

// askToLeave shows a button, and changes nothing: scanners of mail follow links.
func (d *Desk) askToLeave(w http.ResponseWriter, r *http.Request) {
	s, err := d.Letter.Subscriber(r.Context(), subscribers.Unsubscribe, token(r, newsletter.UnsubscribePath))
	if errors.Is(err, subscribers.ErrUnknown) {
		d.gone(w, r, "")
		return
	}
	var page leavePage
	isEarlier := errors.Is(err, subscribers.ErrRenewed)
	switch {
	case isEarlier:
		err = nil
	case err == nil:
		page.Preferences, err = d.Letter.Token(r.Context(), subscribers.Prefer, s.ID)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	o, ok := d.offer(w, r)
	if !ok {
		return
	}
	page.frame = d.frame(r, o, s.Language)
	page.Heading, page.Lead = page.W.LeaveTitle, fmt.Sprintf(page.W.LeaveLead, s.Address)
	if isEarlier { // it shows nothing of its subscriber
		page.Lead = page.W.LeaveLeadEarlier
	}
	d.show(w, r, http.StatusOK, "leave.html", page)
}

// leave takes somebody off the list. It needs no cookie and no form that was
// shown before, and to do it twice is to do it once.
func (d *Desk) leave(w http.ResponseWriter, r *http.Request) {
	key := token(r, newsletter.UnsubscribePath)
	s, err := d.Letter.Subscriber(r.Context(), subscribers.Unsubscribe, key) // for their language
	if err != nil && !errors.Is(err, subscribers.ErrUnknown) && !errors.Is(err, subscribers.ErrRenewed) {
		d.fail(w, r, err)
		return
	}
	if r.PostForm.Get(oneClickKey) != oneClickValue {
		d.writeNotice(w, r, http.StatusBadRequest, func(p phrases) notice { return p.Unclear })
		return
	}
	if err := d.Letter.Unsubscribe(r.Context(), key); err != nil {
		d.fail(w, r, err)
		return
	}
	d.gone(w, r, s.Language)
}

// gone says that somebody is off the list, whatever else cannot be read.
func (d *Desk) gone(w http.ResponseWriter, r *http.Request, own string) {
	o, err := d.Letter.Offer(r.Context())
	if err != nil {
		o = d.lastOffer()
	}
	page := leavePage{frame: d.frame(r, o, own)}
	page.Heading = page.W.LeftTitle
	d.show(w, r, http.StatusOK, "left.html", page)
}
