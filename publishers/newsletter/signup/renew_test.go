package signup_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"netsync/publishers/newsletter/subscribers"
)

func TestALinkOfAnEarlierSecretOnlyUnsubscribes(t *testing.T) {
	t.Parallel()
	d := open(t)
	preferences, unsubscribe := d.join("ada@example.org", subscribers.Preferences{Language: "en"})
	_, other := d.join("grace@example.org", subscribers.Preferences{Language: "nl"})
	d.renewSecret()
	d.get(preferences).expect(t, "the preferences", http.StatusGone, "This link has been replaced")
	mailed := d.invited(1)
	if d.mail.all()[0].to != "ada@example.org" || !strings.Contains(mailed, "/newsletter/preferences/") {
		t.Fatalf("mail to %s with %s", d.mail.all()[0].to, mailed)
	}
	before := d.list()
	d.do(http.MethodPost, preferences, form("frequency", "monthly", "language", "nl")).expect(t, "other preferences", http.StatusGone)
	if now := d.list(); now != before {
		t.Errorf("an earlier link changed %q to %q", before, now)
	}
	d.get(mailed).expect(t, "the new link", http.StatusOK, "ada@example.org")

	page := d.get(unsubscribe).expect(t, "the page to unsubscribe", http.StatusOK, "Unsubscribe")
	if strings.Contains(page.body, "ada@example.org") || strings.Contains(page.body, "preferences/") {
		t.Errorf("the page of an earlier link shows more than a button:\n%s", page.body)
	}
	for _, link := range []string{unsubscribe, other} { // by form and by one click
		d.do(http.MethodPost, link, "List-Unsubscribe=One-Click").expect(t, "the button", http.StatusOK)
	}
	if got := d.list(); !strings.HasPrefix(got, ",") {
		t.Errorf("the list is %q", got)
	}
}

func TestAnEarlierConfirmationMailsANewLink(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.signUp("ada@example.org").expect(t, "the answer to the form", http.StatusSeeOther)
	link := d.invited(1)
	d.renewSecret()
	d.clock.pass(11 * time.Minute) // the pause between two mails to an address
	d.do(http.MethodPost, link, "").expect(t, "an earlier confirmation", http.StatusGone, "This link has been replaced")
	if got := d.list(); !strings.HasPrefix(got, ",") {
		t.Errorf("the list is %q", got)
	}
	d.do(http.MethodPost, d.invited(2), "").expect(t, "the new link", http.StatusOK, "You are subscribed")
}

func (d *desk) renewSecret() {
	d.t.Helper()
	l, err := d.letter.Subscribers(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	if err := l.RenewSecret(d.t.Context(), d.clock.Now()); err != nil {
		d.t.Fatal(err)
	}
}
