package signup

import (
	"errors"
	"fmt"
	"net/http"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
)

// A confirmPage shows a request before or after its confirmation.
type confirmPage struct {
	form
	Who                      string // their address
	Lead                     string
	Preferences, Unsubscribe string // tokens
}

// Chosen returns the chosen options of a list.
func (confirmPage) Chosen(all []option) []option {
	var chosen []option
	for _, o := range all {
		if o.Chosen {
			chosen = append(chosen, o)
		}
	}
	return chosen
}

// askToConfirm shows the request but changes nothing: mail scanners follow
// links.
func (d *Desk) askToConfirm(w http.ResponseWriter, r *http.Request) {
	request, err := d.Letter.Requested(r.Context(), pathToken(r, newsletter.ConfirmPath))
	if errors.Is(err, subscribers.ErrRenewed) {
		d.mailNewLink(w, r, request)
		return
	}
	if err != nil {
		d.writeFailure(w, r, err)
		return
	}
	o, ok := d.readOffer(w, r)
	if !ok {
		return
	}
	f := d.newFrame(r, o, request.Language)
	f.Heading = f.W.ConfirmTitle
	d.writePage(w, r, http.StatusOK, "confirm.html", confirmPage{form: f.newForm(request.Preferences), Who: request.Address})
}

func (d *Desk) handleConfirm(w http.ResponseWriter, r *http.Request) {
	key := pathToken(r, newsletter.ConfirmPath)
	s, err := d.Letter.Confirm(r.Context(), key)
	if errors.Is(err, subscribers.ErrRenewed) {
		d.askToConfirm(w, r) // which mails a new link
		return
	}
	var page confirmPage
	if err == nil {
		page.Preferences, err = d.Letter.Token(r.Context(), subscribers.Prefer, s.ID)
	}
	if err == nil {
		page.Unsubscribe, err = d.Letter.Token(r.Context(), subscribers.Unsubscribe, s.ID)
	}
	if err != nil {
		d.writeFailure(w, r, err)
		return
	}
	o, ok := d.readOffer(w, r)
	if !ok {
		return
	}
	f := d.newFrame(r, o, s.Language)
	f.Heading = f.W.ConfirmedTitle
	page.form, page.Who, page.Lead = f.newForm(s.Preferences), s.Address, fmt.Sprintf(f.W.Confirmed, s.Address)
	d.writePage(w, r, http.StatusOK, "confirmed.html", page)
}
