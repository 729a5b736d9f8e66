package signup_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/signup"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/stream/streamtest"
)

func TestForgedLinksAreNotFound(t *testing.T) {
	t.Parallel()
	d := open(t)
	preferences, unsubscribe := d.join("ada@example.org", subscribers.Preferences{})
	d.signUp("grace@example.org")
	confirm := strings.TrimPrefix(d.invited(1), d.server.URL)
	before := d.list()
	try := func(link string) {
		d.clock.pass(time.Minute) // guessing clients have to wait
		d.get(link).expect(t, link, http.StatusNotFound, "This link does not work")
		d.clock.pass(time.Minute)
		d.do(http.MethodPost, link, "List-Unsubscribe=One-Click&frequency=monthly").expect(t, link, http.StatusNotFound)
	}
	for _, link := range []string{preferences, unsubscribe, confirm} {
		path, token := link[:strings.LastIndexByte(link, '/')+1], link[strings.LastIndexByte(link, '/')+1:]
		for i := range token {
			other := "A"
			if token[i] == 'A' {
				other = "B"
			}
			try(path + token[:i] + other + token[i+1:])
		}
		for _, forged := range []string{"", token[:len(token)-1], token[1:], token + "A", token + "/", token + "/x", "x", "a/b/c", strings.Repeat("A", 5000)} {
			try(path + forged)
		}
	}
	// A link is invalid for another purpose.
	try(newsletter.UnsubscribePath + strings.TrimPrefix(preferences, newsletter.PreferencesPath))
	try(newsletter.PreferencesPath + strings.TrimPrefix(unsubscribe, newsletter.UnsubscribePath))
	try(newsletter.ConfirmPath + strings.TrimPrefix(unsubscribe, newsletter.UnsubscribePath))
	try(newsletter.UnsubscribePath + strings.TrimPrefix(confirm, newsletter.ConfirmPath))
	if now := d.list(); now != before {
		t.Errorf("forged links change %q to %q", before, now)
	}
	d.silent()
}

// TestTheFormTellsNobodyWhoIsOnTheList checks that the answers are equal byte
// for byte, and only the mails differ.
func TestTheFormTellsNobodyWhoIsOnTheList(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.join("known@example.org", subscribers.Preferences{})
	_, left := d.join("left@example.org", subscribers.Preferences{})
	d.do(http.MethodPost, left, "List-Unsubscribe=One-Click").expect(t, "leaving", http.StatusOK)
	plain := func(a answer) string {
		a.header.Del("Date")
		return fmt.Sprint(a.status, a.header, a.body)
	}
	want := plain(d.signUp("new@example.org"))
	for _, c := range []struct{ what, address, trap string }{
		{"somebody on the list", "known@example.org", ""},
		{"somebody who left", "left@example.org", ""},
		{"the same once more", "new@example.org", ""},
		{"a program", "program@example.org", "https://spam.example.org"},
		{"a program that is on the list", "known@example.org", "x"},
	} {
		if got := plain(d.signUp(c.address, "website", c.trap)); got != want {
			t.Errorf("%s: %s, want %s", c.what, got, want)
		}
	}
	d.invited(3)
	var to []string
	for _, m := range d.mail.all() {
		to = append(to, m.to)
	}
	if got := strings.Join(to, " "); got != "new@example.org known@example.org left@example.org" {
		t.Errorf("mail went to %s", got)
	}
	if link := d.invited(2); !strings.Contains(link, newsletter.PreferencesPath) {
		t.Errorf("somebody on the list gets %s", link)
	}
}

func TestWrongInputComesBack(t *testing.T) {
	t.Parallel()
	d := open(t)
	const evil = `"><script>alert(1)</script>`
	page := d.do(http.MethodPost, newsletter.SignupPath, form("address", evil, "frequency", "monthly", "language", "nl", "topic[]", "water")).
		expect(t, "a wrong address", http.StatusUnprocessableEntity, "<title>Error: ", `href="#address"`, `aria-invalid="true"`,
			`aria-describedby="address-hint address-error"`, `value="water" checked`, `value="nl" lang="nl" selected`,
			`value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"`, "Enter a mail address such as")
	if strings.Contains(page.body, "<script") {
		t.Error("what was typed is markup")
	}
	d.do(http.MethodPost, newsletter.SignupPath, "").expect(t, "nothing", http.StatusUnprocessableEntity, "Enter your mail address")
	d.signUp("ada@example.org", "topic[]", "sports").expect(t, "a topic that is not there", http.StatusUnprocessableEntity, `href="#topics"`, `value="ada@example.org"`)
	d.do(http.MethodPost, newsletter.SignupPath, form("address", "a@b.c", "frequency", "hourly", "language", "fr")).
		expect(t, "a frequency and a language that are not there", http.StatusUnprocessableEntity, `href="#weekly"`, `href="#language"`)
	preferences, _ := d.join("ada@example.org", subscribers.Preferences{})
	before := d.list()
	d.do(http.MethodPost, preferences, form("frequency", "hourly")).expect(t, "preferences that are not there", http.StatusUnprocessableEntity, `href="#weekly"`)
	if now := d.list(); now != before || len(d.mail.all()) > 0 {
		t.Errorf("%q became %q; %d mails", before, now, len(d.mail.all()))
	}
}

func TestOtherMethodsAndLargeBodiesAreRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	preferences, unsubscribe := d.join("ada@example.org", subscribers.Preferences{})
	before := d.list()
	for _, path := range []string{newsletter.SignupPath, newsletter.SignupPath + "sent", newsletter.ConfirmPath + "x", preferences, unsubscribe} {
		for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, "PROPFIND"} {
			a := d.do(method, path, "").expect(t, method+" "+path, http.StatusMethodNotAllowed)
			if !strings.HasPrefix(a.header.Get("Allow"), "GET, HEAD") {
				t.Errorf("%s %s: Allow is %q", method, path, a.header.Get("Allow"))
			}
		}
	}
	d.do(http.MethodPost, newsletter.SignupPath+"sent", "").expect(t, "a POST where there is no form", http.StatusMethodNotAllowed)
	big := "address=ada%40example.org&x=" + strings.Repeat("x", 1<<20)
	d.do(http.MethodPost, newsletter.SignupPath, big).expect(t, "a large form", http.StatusRequestEntityTooLarge)
	d.do(http.MethodPost, unsubscribe, "List-Unsubscribe=One-Click&x="+strings.Repeat("x", 1<<20)).expect(t, "a large click", http.StatusRequestEntityTooLarge)
	if now := d.list(); now != before {
		t.Errorf("%q became %q", before, now)
	}
}

func TestPagesAreKeptAndNamedNowhere(t *testing.T) {
	t.Parallel()
	d := open(t)
	preferences, unsubscribe := d.join("ada@example.org", subscribers.Preferences{})
	for _, path := range []string{newsletter.SignupPath, newsletter.SignupPath + "sent", newsletter.ConfirmPath + "x", preferences, unsubscribe} {
		a := d.get(path)
		for header, want := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		} {
			if got := a.header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", path, header, got, want)
			}
		}
		for _, forbidden := range []string{"<script", "<style", " style=", " onclick"} {
			if strings.Contains(a.body, forbidden) {
				t.Errorf("%s has %q", path, forbidden)
			}
		}
	}
	d.get("/newsletter/").expect(t, "the archive", http.StatusOK, "the archive")
	d.get("/newsletter/assets/other.css").expect(t, "another asset", http.StatusNotFound)
}

func TestWhereNobodyMaySubscribeEverybodyMayLeave(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *signup.Config) { c.Open = false })
	preferences, unsubscribe := d.join("ada@example.org", subscribers.Preferences{})
	d.get(newsletter.SignupPath).expect(t, "the form", http.StatusNotFound, "No subscriptions are taken")
	d.get(preferences).expect(t, "the preferences", http.StatusOK)
	a := d.do(http.MethodPost, unsubscribe, "List-Unsubscribe=One-Click").expect(t, "one click", http.StatusOK)
	if strings.Contains(a.body, "subscribe/?lang") {
		t.Error("a page leads to the form")
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	d := open(t)
	preferences, unsubscribe := d.join("ada@example.org", subscribers.Preferences{Language: "nl"})
	for _, c := range []struct{ path, accept, want string }{
		{newsletter.SignupPath, "", "en"},
		{newsletter.SignupPath, "nl-BE, en;q=0.5", "nl"},
		{newsletter.SignupPath, "de, fr;q=0.5", "en"},
		{newsletter.SignupPath, ";;q=nonsense", "en"},
		{newsletter.SignupPath + "?lang=nl", "en", "nl"},
		{newsletter.SignupPath + "?lang=fr", "nl", "nl"},
		{newsletter.SignupPath + "sent?lang=nl", "", "nl"},
		{preferences, "en", "nl"},
		{preferences + "?lang=en", "nl", "en"},
		{unsubscribe, "en", "nl"},
		{newsletter.ConfirmPath + "x?lang=nl", "", "nl"},
	} {
		a := d.get(c.path, "Accept-Language", c.accept)
		if !strings.Contains(a.body, `<html lang="`+c.want+`"`) || !strings.Contains(a.body, `<a href="?lang=nl" lang="nl" hreflang="nl"`) {
			t.Errorf("%s for %q is not in %s:\n%.300s", c.path, c.accept, c.want, a.body)
		}
	}
	if to := d.do(http.MethodPost, newsletter.SignupPath+"?lang=nl", form("address", "x@example.org")).header.Get("Location"); to != "../subscribe/sent?lang=nl" {
		t.Errorf("the form leads to %q", to)
	}
	d.get(newsletter.SignupPath+"?lang=nl").expect(t, "a label that is not translated", http.StatusOK, `<span lang="en" dir="auto">Heritage</span>`, "Gezondheid")
}

func TestAFloodIsHeldBack(t *testing.T) {
	t.Parallel()
	d := open(t)
	from := func(client string) []string { return []string{"X-Forwarded-For", "203.0.113.9, " + client} }
	post := func(client, address string) answer {
		return d.do(http.MethodPost, newsletter.SignupPath+"?lang=en", form("address", address), from(client)...)
	}
	for i := range 20 {
		post("192.0.2.1", "ada@example.org").expect(t, fmt.Sprintf("request %d", i), http.StatusSeeOther)
	}
	a := post("192.0.2.1", "ada@example.org").expect(t, "one too many", http.StatusTooManyRequests, "Too many requests", "20 seconds")
	if a.header.Get("Retry-After") != "20" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	post("192.0.2.2", "grace@example.org").expect(t, "somebody else", http.StatusSeeOther)
	post("2001:db8::1", "alan@example.org").expect(t, "somebody with IPv6", http.StatusSeeOther)
	d.clock.pass(20 * time.Second)
	post("192.0.2.1", "edsger@example.org").expect(t, "a while later", http.StatusSeeOther)
	d.invited(4)
	if n := len(d.mail.all()); n != 4 {
		t.Errorf("%d mails were sent, and the first was asked for 20 times", n)
	}
	for i := range 20 {
		d.get(newsletter.UnsubscribePath+"x", from("192.0.2.7")...).expect(t, fmt.Sprintf("guess %d", i), http.StatusNotFound)
	}
	_, unsubscribe := d.join("ada@example.org", subscribers.Preferences{})
	d.get(newsletter.UnsubscribePath+"x", from("192.0.2.7")...).expect(t, "one guess too many", http.StatusTooManyRequests)
	d.get(unsubscribe, from("192.0.2.8")...).expect(t, "a reader", http.StatusOK)
	d.clock.pass(time.Minute)
	d.get(newsletter.UnsubscribePath+"x", from("192.0.2.7")...).expect(t, "a minute later", http.StatusNotFound)
}

// TestARightLinkIsNeverRefused checks that a subscriber can leave even if
// others of the network guessed links.
func TestARightLinkIsNeverRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	preferences, unsubscribe := d.join("ada@example.org", subscribers.Preferences{})
	for range 200 {
		d.get(newsletter.UnsubscribePath + "x")
	}
	d.get(newsletter.UnsubscribePath+"x").expect(t, "a guess", http.StatusTooManyRequests)
	d.get(preferences).expect(t, "the preferences", http.StatusOK)
	d.get(unsubscribe).expect(t, "the page", http.StatusOK)
	d.do(http.MethodPost, unsubscribe, "List-Unsubscribe=One-Click").expect(t, "one click", http.StatusOK)
	d.get(unsubscribe).expect(t, "the page again", http.StatusOK)
	if now := d.list(); strings.Contains(now, "ada@example.org") {
		t.Errorf("still on the list: %s", now)
	}
}

// TestOneNetworkDoesNotStarveOthers checks that the mails of a busy network
// wait, further ones are refused, and those of other networks go at once.
func TestOneNetworkDoesNotStarveOthers(t *testing.T) {
	t.Parallel()
	d := open(t)
	post := func(client string, i int) answer {
		return d.do(http.MethodPost, newsletter.SignupPath+"?lang=en", form("address", fmt.Sprintf("user%d@example.org", i)), "X-Forwarded-For", client)
	}
	accepted, refused := 0, answer{}
	for i := range 60 { // from 60 addresses of one network
		if a := post(fmt.Sprintf("192.0.2.%d", i), i); a.status == http.StatusSeeOther {
			accepted++
		} else {
			refused = a
		}
	}
	refused.expect(t, "one too many", http.StatusServiceUnavailable, "No mail can be sent to you now", "Please try again in 1 minute")
	if accepted != 11 || refused.header.Get("Retry-After") == "" || d.outcome(signup.Refused) != 49 {
		t.Errorf("%d were accepted, %d refused, %v", accepted, d.outcome(signup.Refused), refused.header)
	}
	for i := range 5 {
		post(fmt.Sprintf("198.51.%d.1", i), 100+i).expect(t, "another network", http.StatusSeeOther)
	}
	streamtest.Eventually(t, "the mails that are due", func() bool { return len(d.mail.all()) == 6+5 })
	for minute := range 5 {
		d.clock.pass(time.Minute)
		streamtest.Eventually(t, "one more", func() bool { return len(d.mail.all()) >= 6+5+minute+1 })
	}
	streamtest.Eventually(t, "the last mail to be counted", func() bool { return d.outcome(signup.Sent) >= 16 })
	if n := len(d.mail.all()); n != 16 || d.outcome(signup.Sent) != 16 {
		t.Errorf("%d mails, %d counted", n, d.outcome(signup.Sent))
	}
	post("192.0.2.99", 200).expect(t, "after that", http.StatusSeeOther)
}

// TestSpellingsOfAnAddressGetOneMail checks that a tag or dots in an address do
// not get its mailbox more mails.
func TestSpellingsOfAnAddressGetOneMail(t *testing.T) {
	t.Parallel()
	d := open(t)
	for i, address := range []string{"ada.lovelace@example.org", "adalovelace@example.org", "a.d.a.lovelace+1@example.org", "ADALOVELACE+x@example.org"} {
		d.do(http.MethodPost, newsletter.SignupPath, form("address", address), "X-Forwarded-For", fmt.Sprintf("192.0.%d.1", i)).
			expect(t, address, http.StatusSeeOther)
	}
	d.signUp("grace@example.org").expect(t, "somebody else", http.StatusSeeOther)
	streamtest.Eventually(t, "two mails", func() bool { return len(d.mail.all()) >= 2 })
	if n := len(d.mail.all()); n != 2 || d.outcome(signup.Paused) != 3 {
		t.Errorf("%d mails, %d paused", n, d.outcome(signup.Paused))
	}
}

// TestTheQueueIsSentBeforeTheEnd relies on the cleanup of each test, which
// waits for Run; here the queue is not empty.
func TestTheQueueIsSentBeforeTheEnd(t *testing.T) {
	t.Parallel()
	d := open(t)
	for i := range 10 {
		d.do(http.MethodPost, newsletter.SignupPath, form("address", fmt.Sprintf("ada%d@example.org", i)), "X-Forwarded-For", fmt.Sprintf("192.0.%d.1", i)).expect(t, "the form", http.StatusSeeOther)
	}
	streamtest.Eventually(t, "ten mails", func() bool { return len(d.mail.all()) == 10 })
}

// TestWhenNoMailWillGoTheFormSaysSo checks the answer if the mail server is
// down and the queue is full.
func TestWhenNoMailWillGoTheFormSaysSo(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *signup.Config) { c.Retry = time.Minute })
	d.mail.mu.Lock()
	d.mail.fail = 1_000
	d.mail.mu.Unlock()
	accepted := 0
	for i := range 40 {
		a := d.do(http.MethodPost, newsletter.SignupPath+"?lang=nl", form("address", fmt.Sprintf("user%d@example.org", i)), "X-Forwarded-For", fmt.Sprintf("192.0.%d.1", i))
		if a.status == http.StatusSeeOther {
			accepted++
			continue
		}
		a.expect(t, "one too many", http.StatusServiceUnavailable, "Er kan nu geen mail naar u", "Probeer het over 15 seconden opnieuw")
	}
	if accepted < 20 || accepted > 25 { // one may be in progress each time
		t.Errorf("%d of 40 were accepted", accepted)
	}
	d.silent()
}
