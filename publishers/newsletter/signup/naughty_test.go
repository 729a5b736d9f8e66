package signup_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"netsync/publishers/newsletter"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/corpora"
)

// injections try to terminate a header, an address or a dialogue.
var injections = []string{
	"ada@example.org\r\nBcc: eve@example.com", "ada@example.org\nSubject: evil", "ada@example.org%0d%0aBcc:eve@example.com",
	"ada@example.org>\r\nRCPT TO:<eve@example.com", "\"ada\r\nBcc: eve@example.com\"@example.org", "ada@example.org, eve@example.com",
	"Ada <ada@example.org>", "ada@example.org\x00", "<ada@example.org>", "ada@exa mple.org", "=?utf-8?q?ada=0d=0aBcc:eve?=@example.org",
	"ada@example.org\u2028Bcc: eve@example.com", "ada\u0085@example.org", "@example.org:ada@example.org", "ada@[127.0.0.1]\r\nX: y",
}

// TestNothingNaughtyReachesAMail submits hostile input in every field: any mail
// must go to one address and have the text of an invitation.
func TestNothingNaughtyReachesAMail(t *testing.T) {
	t.Parallel()
	d := open(t)
	list := injections
	t.Run("from the corpus", func(t *testing.T) {
		for i, evil := range corpora.NaughtyStrings(t) {
			if i%corpora.Every() == 0 {
				list = append(list, evil)
			}
		}
	})
	for i, evil := range list {
		for _, field := range []string{"address", "frequency", "language", "topic[]", "website", "lang"} {
			values := map[string]string{"address": "ada@example.org", "frequency": "weekly", "language": "en", field: evil}
			var pairs []string
			for k, v := range values {
				pairs = append(pairs, k, v)
			}
			path := newsletter.SignupPath + "?" + form("lang", evil)
			d.clock.pass(time.Hour)
			a := d.do(http.MethodPost, path, form(pairs...))
			if a.status != http.StatusSeeOther && a.status != http.StatusUnprocessableEntity {
				t.Errorf("%q as %s: %d", evil, field, a.status)
			}
			if strings.Contains(a.body, "<script") || len(a.header["Location"]) > 1 {
				t.Errorf("%q as %s gets out:\n%s", evil, field, a.body)
			}
			if field == "address" && a.status == http.StatusSeeOther && i < len(injections) {
				t.Errorf("%q is taken for an address", evil)
			}
		}
	}
	d.clock.pass(24 * time.Hour)
	d.signUp("last@example.org").expect(t, "the last", http.StatusSeeOther)
	streamtest.Eventually(t, "the last mail", func() bool {
		all := d.mail.all()
		return len(all) > 0 && all[len(all)-1].to == "last@example.org"
	})
	for _, m := range d.mail.all() {
		message := m.message(t)
		for header := range message.Header {
			if !strings.Contains(" Date Message-Id Mime-Version Content-Type Content-Language Subject From To Auto-Submitted Content-Transfer-Encoding Received ", " "+header+" ") {
				t.Errorf("a mail to %q has the header %s", m.to, header)
			}
		}
		if got := message.Header.Get("Subject"); got != "Confirm your subscription: Networks and associations" {
			t.Errorf("a mail to %q has the subject %q", m.to, got)
		}
		if to, err := message.Header.AddressList("To"); err != nil || len(to) != 1 || strings.ContainsAny(m.to, " \r\n<>,") {
			t.Errorf("a mail goes to %q: %v", m.to, err)
		}
	}
	d.silent()
}
