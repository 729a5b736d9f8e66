package signup

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"time"
)

var (
	start     = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	somewhere = netip.MustParsePrefix("192.0.2.0/24")
)

func TestOneAddressGetsFiveMailsADay(t *testing.T) {
	t.Parallel()
	l := newLimits()
	sent := make([]time.Time, 0, 100)
	for minute := range 3 * 24 * 60 {
		now := start.Add(time.Duration(minute) * time.Minute)
		if _, v := l.countMail([]string{"ada@example.org", "ADA@example.org", "a.da+x@example.org"}[minute%3], somewhere, now); v == may {
			sent = append(sent, now)
		}
	}
	for i, at := range sent {
		if i > 0 && at.Sub(sent[i-1]) < mailPause {
			t.Errorf("two mails within %v", at.Sub(sent[i-1]))
		}
		if i >= mailsADay && at.Sub(sent[i-mailsADay]) < 24*time.Hour {
			t.Errorf("%d mails within %v", mailsADay+1, at.Sub(sent[i-mailsADay]))
		}
	}
	if len(sent) != 3*mailsADay {
		t.Errorf("%d mails in three days", len(sent))
	}
}

// TestOneNetworkHasAShare checks that one network gets at most a quarter of the
// mails of an hour, and that its mails wait for minutes only.
func TestOneNetworkHasAShare(t *testing.T) {
	t.Parallel()
	l := newLimits()
	sent := 0
	for i := range 36_000 { // ten a second, each for another address
		delay, v := l.countMail(fmt.Sprintf("%d@example.org", i), somewhere, start.Add(time.Duration(i)*100*time.Millisecond))
		if v == may {
			sent++
		}
		if delay > maxDelay {
			t.Fatalf("a mail is to wait for %s", delay)
		}
	}
	most := shareBurst + int((time.Hour+maxDelay)/shareEvery)
	if sent < most-1 || sent > most {
		t.Errorf("%d mails in an hour, want %d", sent, most)
	}
	if whole := mailsBurst + int(time.Hour/mailsEvery); 3*sent > whole {
		t.Errorf("%d of %d mails are for one network", sent, whole)
	}
	if n := len(l.mailed.by); n != sent {
		t.Errorf("%d addresses are known, and %d mails are to be sent", n, sent)
	}
	if _, v := l.countMail("elsewhere@example.org", netip.MustParsePrefix("198.51.100.0/24"), start.Add(time.Hour)); v != may {
		t.Errorf("another network: %s", v)
	}
}

func TestTheProcessSendsFewMails(t *testing.T) {
	t.Parallel()
	l := newLimits()
	sent := 0
	for i := range 36_000 {
		if l.maySend(start.Add(time.Duration(i) * 100 * time.Millisecond)) {
			sent++
		}
	}
	if want := mailsBurst + int(time.Hour/mailsEvery); sent < want-1 || sent > want {
		t.Errorf("%d mails in an hour, want %d", sent, want)
	}
}

func TestSpellingsOfAMailboxAreOne(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ada@example.org": "ada@example.org", "A.D.A@Example.ORG": "ada@example.org", "ada+networks@example.org": "ada@example.org",
		"a.da+x+y@example.org": "ada@example.org", "ada@exam.ple.org": "ada@exam.ple.org", "ada": "ada", "+@x": "@x",
	} {
		if got := foldAddress(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

func TestNobodyFillsTheMemory(t *testing.T) {
	t.Parallel()
	l := newLimits()
	for i := range 3 * maxKnown {
		from := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
		l.countRequest(from, start)
		l.countGuess(from, start)
		l.countMail("ada@example.org", from, start)
	}
	if a, b, c := len(l.requests.by.by), len(l.guesses.by.by), len(l.shares.by.by); a != maxKnown || b != maxKnown || c != maxKnown {
		t.Errorf("%d, %d and %d networks are known", a, b, c)
	}
	if n := l.requests.by.order.Len(); n != maxKnown {
		t.Errorf("the order has %d", n)
	}
}

func TestWhichNetworkARequestCountsFor(t *testing.T) {
	t.Parallel()
	d := &Desk{Config: Config{Address: peerAddress}}
	for remote, want := range map[string]string{
		"203.0.113.7:1234":           "203.0.113.7/32 203.0.113.0/24",
		"[::ffff:203.0.113.7]:1234":  "203.0.113.7/32 203.0.113.0/24",
		"[2001:db8:1:2:3::4]:1":      "2001:db8:1:2::/64 2001:db8:1::/56",
		"[2001:db8:1:ff:ffff::4]:1":  "2001:db8:1:ff::/64 2001:db8:1::/56",
		"[2001:db8:1:1ff:ffff::4]:1": "2001:db8:1:1ff::/64 2001:db8:1:100::/56",
		"[fe80::1%eth0]:1234":        "fe80::/64 fe80::/56",
		"@":                          "invalid Prefix invalid Prefix",
	} {
		r := &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": {"198.51.100.1"}}}
		if got := d.clientNetwork(r).String() + " " + d.mailNetwork(r).String(); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}
