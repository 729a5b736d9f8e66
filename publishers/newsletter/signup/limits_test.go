package signup

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

func TestOneAddressGetsFiveMailsADay(t *testing.T) {
	t.Parallel()
	l := newLimits()
	sent := make([]time.Time, 0, 100)
	for minute := range 3 * 24 * 60 {
		now := start.Add(time.Duration(minute) * time.Minute)
		if l.mail([]string{"ada@example.org", "ADA@example.org"}[minute%2], now) == may {
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

func TestTheProcessSendsFewMails(t *testing.T) {
	t.Parallel()
	l := newLimits()
	sent := 0
	for i := range 36_000 { // ten a second, each to somebody else
		if l.mail(fmt.Sprintf("%d@example.org", i), start.Add(time.Duration(i)*100*time.Millisecond)) == may {
			sent++
		}
	}
	if sent < 88 || sent > 91 {
		t.Errorf("%d mails in an hour", sent)
	}
	if n := len(l.mailed.by); n != sent {
		t.Errorf("%d addresses are known, and %d mails were sent", n, sent)
	}
}

func TestNobodyFillsTheMemory(t *testing.T) {
	t.Parallel()
	l := newLimits()
	for i := range 3 * maxKnown {
		from := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
		l.request(from, start)
		l.guess(from, start)
		l.guessed(netip.PrefixFrom(netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}), 32), start)
	}
	if a, b := len(l.requests.by.by), len(l.guesses.by.by); a != maxKnown || b != maxKnown {
		t.Errorf("%d and %d networks are known", a, b)
	}
	if n := l.requests.by.order.Len(); n != maxKnown {
		t.Errorf("the order has %d", n)
	}
}

func TestWhereARequestComesFrom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"203.0.113.7:1234", nil, "203.0.113.7/32"},
		{"203.0.113.7:1234", []string{"198.51.100.1"}, "203.0.113.7/32"}, // anybody can say so
		{"127.0.0.1:1234", []string{"198.51.100.1"}, "198.51.100.1/32"},
		{"[::1]:1234", []string{"198.51.100.9, 198.51.100.1"}, "198.51.100.1/32"},
		{"10.1.2.3:1234", []string{"198.51.100.9", "198.51.100.1, 198.51.100.2"}, "198.51.100.2/32"},
		{"127.0.0.1:1234", []string{"198.51.100.1:4567"}, "198.51.100.1/32"},
		{"127.0.0.1:1234", []string{"[2001:db8:1:2:3::4]:4567"}, "2001:db8:1:2::/64"},
		{"127.0.0.1:1234", []string{"2001:db8:1:2:ffff::4"}, "2001:db8:1:2::/64"},
		{"[::ffff:127.0.0.1]:1234", []string{"::ffff:198.51.100.1"}, "198.51.100.1/32"},
		{"127.0.0.1:1234", []string{"unknown"}, "127.0.0.1/32"},
		{"127.0.0.1:1234", []string{""}, "127.0.0.1/32"},
		{"[fe80::1%eth0]:1234", nil, "fe80::/64"},
		{"[2001:db8::1]:1234", []string{"198.51.100.1"}, "2001:db8::/64"},
		{"@", nil, "invalid Prefix"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := network(r).String(); got != c.want {
			t.Errorf("%s, forwarded for %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}
