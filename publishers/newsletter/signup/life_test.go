package signup_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
)

var ownLink = regexp.MustCompile(`href="\.\./((?:preferences|unsubscribe)/[^"]+)"`)

// linkTo returns the link of a page to another page of the subscriber.
func linkTo(t *testing.T, page answer, what string) string {
	t.Helper()
	for _, m := range ownLink.FindAllStringSubmatch(page.body, -1) {
		if strings.HasPrefix(m[1], what+"/") {
			return "/newsletter/" + m[1]
		}
	}
	t.Fatalf("there is no link to %s:\n%s", what, page.body)
	return ""
}

func TestTheLifeOfASubscription(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.get(newsletter.SignupPath).expect(t, "the form", http.StatusOK, "Subscribe to the digest", "Networks and associations", "Open Science")

	a := d.signUp("ada@example.org", "topic[]", "water", "topic[]", "energy").expect(t, "the answer to the form", http.StatusSeeOther)
	after, err := url.Parse(d.server.URL + newsletter.SignupPath)
	if err != nil {
		t.Fatal(err)
	}
	if after, err = after.Parse(a.header.Get("Location")); err != nil {
		t.Fatal(err)
	}
	d.get(after.String()).expect(t, "the page after the form", http.StatusOK, "Look into your mailbox")
	link := d.invited(1)
	before := d.list()
	for range 2 {
		d.get(link).expect(t, "the link in the mail", http.StatusOK, "ada@example.org", "Every digest", "Energy", "Water", "Confirm the subscription")
		d.do(http.MethodHead, link, "").expect(t, "HEAD", http.StatusOK)
	}
	if now := d.list(); now != before {
		t.Fatalf("to look at the link changes %q to %q", before, now)
	}
	page := d.do(http.MethodPost, link, "").expect(t, "the button", http.StatusOK, "You are subscribed", "ada@example.org")
	if got := d.list(); !strings.HasPrefix(got, "ada@example.org en weekly [energy water],") {
		t.Fatalf("the list is %q", got)
	}
	d.do(http.MethodPost, link, "").expect(t, "the button again", http.StatusOK, "You are subscribed")

	preferences, unsubscribe := linkTo(t, page, "preferences"), linkTo(t, page, "unsubscribe")
	d.get(preferences).expect(t, "the preferences", http.StatusOK, `value="water" checked`, `value="weekly" aria-describedby="weekly-hint" checked`, "ada@example.org")
	d.do(http.MethodPost, preferences, form("frequency", "monthly", "language", "nl")).
		expect(t, "other preferences", http.StatusOK, "Opgeslagen", `value="monthly" aria-describedby="monthly-hint" checked`, `<html lang="nl"`)
	if got := d.list(); !strings.HasPrefix(got, "ada@example.org nl monthly [],") {
		t.Fatalf("the list is %q", got)
	}
	before = d.list()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		d.do(method, unsubscribe, "").expect(t, method+" of the link to leave", http.StatusOK)
		d.do(method, preferences, "").expect(t, method+" of the preferences", http.StatusOK)
	}
	if now := d.list(); now != before {
		t.Fatalf("to look at the links changes %q to %q", before, now)
	}
	d.do(http.MethodPost, unsubscribe, "List-Unsubscribe=One-Click").expect(t, "one click", http.StatusOK, "U bent uitgeschreven")
	if got := d.list(); !strings.HasPrefix(got, ",") {
		t.Fatalf("the list is %q", got)
	}
	for range 2 {
		d.do(http.MethodPost, unsubscribe, "List-Unsubscribe=One-Click").expect(t, "one more click", http.StatusOK, "You are unsubscribed")
	}
	d.get(unsubscribe).expect(t, "the link to leave", http.StatusOK, "You are unsubscribed")
	d.get(preferences).expect(t, "the preferences of nobody", http.StatusGone, "You do not get the digest")
	d.do(http.MethodPost, preferences, form("frequency", "weekly")).expect(t, "the preferences of nobody", http.StatusGone)
	d.get(link).expect(t, "an invitation from before", http.StatusGone, "no longer works")
	d.do(http.MethodPost, link, "").expect(t, "an invitation from before", http.StatusGone)
	d.silent()
}

func TestOneClickComesInEitherEncoding(t *testing.T) {
	t.Parallel()
	d := open(t)
	multi := func(key, value string) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		if err := w.WriteField(key, value); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String(), w.FormDataContentType()
	}
	_, link := d.join("ada@example.org", subscribers.Preferences{})
	body, contentType := multi("List-Unsubscribe", "Something")
	d.do(http.MethodPost, link, body, "Content-Type", contentType).expect(t, "another wish", http.StatusBadRequest, "Nothing has changed")
	d.do(http.MethodPost, link, "").expect(t, "no wish", http.StatusBadRequest)
	for _, c := range []struct{ body, contentType string }{
		{"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"},
		{"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded; charset=utf-8"},
		{"List-Unsubscribe=One-Click", ""},
	} {
		d.join("ada@example.org", subscribers.Preferences{})
		d.do(http.MethodPost, link, c.body, "Content-Type", c.contentType).expect(t, c.contentType, http.StatusOK)
		if got := d.list(); strings.Contains(got, "ada") {
			t.Errorf("%q: the list is %q", c.contentType, got)
		}
	}
	d.join("ada@example.org", subscribers.Preferences{})
	body, contentType = multi("List-Unsubscribe", "One-Click")
	d.do(http.MethodPost, link, body, "Content-Type", contentType).expect(t, "multipart", http.StatusOK)
	if got := d.list(); strings.Contains(got, "ada") {
		t.Errorf("multipart: the list is %q", got)
	}
}

func TestAnOldInvitationIsRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.signUp("ada@example.org")
	link := d.invited(1)
	d.clock.pass(subscribers.Lifetime + time.Second)
	page := d.get(link).expect(t, "the link", http.StatusGone, "no longer works", "Subscribe to the digest", `href="../subscribe/?lang=en"`)
	d.do(http.MethodPost, link, "").expect(t, "its button", http.StatusGone)
	if got := d.list(); strings.Contains(got, "ada") || page.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the list is %q; %v", got, page.header)
	}
}

func TestMailThatIsPutOffIsTriedAgain(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.mail.mu.Lock()
	d.mail.fail = 2
	d.mail.mu.Unlock()
	d.signUp("ada@example.org").expect(t, "the form", http.StatusSeeOther)
	d.invited(1)
	d.silent()
}
