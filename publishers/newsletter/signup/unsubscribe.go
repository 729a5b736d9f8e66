package signup

import (
	"errors"
	"fmt"
	"net/http"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
)

// The form field of a one-click unsubscription by a mail program (RFC 8058
// §3.1). The page's own button sends the same.
const (
	oneClickKey   = "List-Unsubscribe"
	oneClickValue = "One-Click"
)

// A leavePage asks for confirmation to unsubscribe, or reports that it is done.
type leavePage struct {
	frame
	Lead        string
	Preferences string // token; "" for a link of an earlier secret
}

// askToLeave shows a button, but changes nothing: mail scanners follow links.
func (d *Desk) askToLeave(w http.ResponseWriter, r *http.Request) {
	s, err := d.Letter.Subscriber(r.Context(), subscribers.Unsubscribe, pathToken(r, newsletter.UnsubscribePath))
	if errors.Is(err, subscribers.ErrUnknown) {
		d.writeGone(w, r, "")
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
		d.writeFailure(w, r, err)
		return
	}
	o, ok := d.readOffer(w, r)
	if !ok {
		return
	}
	page.frame = d.newFrame(r, o, s.Language)
	page.Heading, page.Lead = page.W.LeaveTitle, fmt.Sprintf(page.W.LeaveLead, s.Address)
	if isEarlier { // it does not show the subscriber
		page.Lead = page.W.LeaveLeadEarlier
	}
	d.writePage(w, r, http.StatusOK, "leave.html", page)
}

// handleLeave removes a subscriber. It needs no cookie or earlier page, and is
// idempotent.
func (d *Desk) handleLeave(w http.ResponseWriter, r *http.Request) {
	key := pathToken(r, newsletter.UnsubscribePath)
	s, err := d.Letter.Subscriber(r.Context(), subscribers.Unsubscribe, key) // for their language
	if err != nil && !errors.Is(err, subscribers.ErrUnknown) && !errors.Is(err, subscribers.ErrRenewed) {
		d.writeFailure(w, r, err)
		return
	}
	if r.PostForm.Get(oneClickKey) != oneClickValue {
		d.writeNotice(w, r, http.StatusBadRequest, func(p phrases) notice { return p.Unclear })
		return
	}
	if err := d.Letter.Unsubscribe(r.Context(), key); err != nil {
		d.writeFailure(w, r, err)
		return
	}
	d.writeGone(w, r, s.Language)
}

// writeGone confirms that a subscriber was removed, even if the dataset cannot
// be read.
func (d *Desk) writeGone(w http.ResponseWriter, r *http.Request, own string) {
	o, err := d.Letter.Offer(r.Context())
	if err != nil {
		o = d.lastOffer()
	}
	page := leavePage{frame: d.newFrame(r, o, own)}
	page.Heading = page.W.LeftTitle
	d.writePage(w, r, http.StatusOK, "left.html", page)
}
