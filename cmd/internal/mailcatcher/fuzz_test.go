package mailcatcher

import (
	"bufio"
	"strings"
	"testing"
	"time"
	"unicode"
)

// FuzzMessage: what is shown of a message stands on one line, and its envelope
// is that which was written, whatever its sender put into the head.
func FuzzMessage(f *testing.F) {
	f.Add("a@example.org", "b@example.org", "Subject: =?utf-8?q?a=0Ab?=\r\nFrom: A <a@example.org>\r\n\r\nx")
	f.Add("a\r\nDelivered-To: c", "\n", "Delivered-To: d\r\nSubject: \x00\r\n folded\r\n\r\n")
	f.Add("", "", "no head")
	f.Fuzz(func(t *testing.T, from, to, raw string) {
		whole := string(envelopeHeader(from, []string{to}, time.Unix(0, 0))) + raw
		if got := readEnvelope(bufio.NewReader(strings.NewReader(whole))); len(got) != 1 || got[0] != oneLine(to) {
			t.Errorf("the recipient %q becomes %q", to, got)
		}
		m := parseMessage("1", time.Unix(0, 0), int64(len(whole)), bufio.NewReader(strings.NewReader(whole)))
		for _, shown := range []string{m.From, m.To, m.Subject} {
			if strings.ContainsFunc(shown, unicode.IsControl) {
				t.Errorf("%q is shown as %q", raw, shown)
			}
		}
	})
}
