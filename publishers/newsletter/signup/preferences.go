package signup

import (
	"errors"
	"fmt"
	"net/http"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
)

// A preferencesPage is the preferences form of a subscriber.
type preferencesPage struct {
	form
	Lead        string
	Unsubscribe string // token
	Saved       bool
	Suspended   bool
}

func (d *Desk) showPreferences(w http.ResponseWriter, r *http.Request) {
	d.handlePreferences(w, r, false)
}
func (d *Desk) changePreferences(w http.ResponseWriter, r *http.Request) {
	d.handlePreferences(w, r, true)
}

// handlePreferences shows the preferences, after changing them if change is
// set.
func (d *Desk) handlePreferences(w http.ResponseWriter, r *http.Request, change bool) {
	key := pathToken(r, newsletter.PreferencesPath)
	s, err := d.Letter.Subscriber(r.Context(), subscribers.Prefer, key)
	if errors.Is(err, subscribers.ErrRenewed) {
		d.mailNewLink(w, r, subscribers.Request{Address: s.Address, Preferences: s.Preferences})
		return
	}
	var page preferencesPage
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
	status := http.StatusOK
	page.form = d.newFrame(r, o, s.Language).newForm(s.Preferences)
	if change {
		var p subscribers.Preferences
		if p, page.form = d.newFrame(r, o, s.Language).readForm(r.PostForm); page.Wrong {
			status = http.StatusUnprocessableEntity
		} else if s, err = d.Letter.Prefer(r.Context(), key, p); err != nil {
			d.writeFailure(w, r, err)
			return
		} else { // the page is in the chosen language
			page.form, page.Saved = d.newFrame(r, o, s.Language).newForm(s.Preferences), true
		}
	}
	page.Heading, page.Suspended = page.W.PreferencesTitle, !s.Suspended.IsZero()
	page.Lead = fmt.Sprintf(page.W.PreferencesLead, s.Address)
	d.writePage(w, r, status, "preferences.html", page)
}
