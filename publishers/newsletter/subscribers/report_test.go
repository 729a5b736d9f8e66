package subscribers_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"netsync/publishers/newsletter/subscribers"
)

const postfix = "From: MAILER-DAEMON@mail.example.org (Mail Delivery System)\r\n" +
	"Subject: Undelivered Mail Returned to Sender\r\nTo: networks@example.org\r\n" +
	"Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"4XyZ.1732000000/mail.example.org\"\r\n\r\n" +
	"This is a MIME-encapsulated message.\r\n\r\n--4XyZ.1732000000/mail.example.org\r\nContent-Type: text/plain\r\n\r\nI'm sorry\r\n\r\n" +
	"--4XyZ.1732000000/mail.example.org\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n" +
	"Reporting-MTA: dns; mail.example.org\r\nArrival-Date: Thu, 26 Nov 2026 09:00:00 +0000 (UTC)\r\n\r\n" +
	"Final-Recipient: rfc822; gone@example.net\r\nOriginal-Recipient: rfc822;Gone@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n" +
	"Diagnostic-Code: smtp; 550 5.1.1 <gone@example.net>: User\r\n    unknown\r\n\r\n" +
	"Final-Recipient: rfc822; slow@example.net\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\n" +
	"Final-Recipient: RFC822; <full@example.net>\r\nAction: Failed\r\nStatus: 5.2.2 (mailbox full)\r\n\r\n" +
	"--4XyZ.1732000000/mail.example.org\r\nContent-Type: message/rfc822\r\n\r\nSubject: Networks\r\n\r\n...\r\n--4XyZ.1732000000/mail.example.org--\r\n"

func TestParseReport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, message string
		want          []subscribers.Failure
	}{
		{"of Postfix", postfix, []subscribers.Failure{{"Gone@example.net", "5.1.1"}, {"full@example.net", "5.2.2"}}},
		{"with line feeds alone", strings.ReplaceAll(postfix, "\r\n", "\n"), []subscribers.Failure{{"Gone@example.net", "5.1.1"}, {"full@example.net", "5.2.2"}}},
		{"cut short", postfix[:strings.Index(postfix, "Diagnostic-Code")], []subscribers.Failure{{"Gone@example.net", "5.1.1"}}},
		{"an answer of somebody on holiday", "From: ada@example.org\r\nSubject: Out of office\r\nContent-Type: text/plain\r\n\r\nGone until Monday", nil},
		{"a read receipt", strings.ReplaceAll(postfix, "message/delivery-status", "message/disposition-notification"), nil},
		{"no failure", strings.ReplaceAll(strings.ReplaceAll(postfix, "failed", "delivered"), "Failed", "relayed"), nil},
		{"an address that is none", strings.NewReplacer("Gone@example.net", "x", "gone@example.net", "x", "full@example.net", "a b@c").Replace(postfix), nil},
		{"nothing", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := subscribers.ParseReport(strings.NewReader(c.message))
			if !reflect.DeepEqual(got, c.want) || (c.want == nil) != errors.Is(err, subscribers.ErrNoReport) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestParseFailures(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]subscribers.Failure{
		`{"address":"a@example.org","status":"5.1.1"}`:                                                {{"a@example.org", "5.1.1"}},
		`[{"address":"a@example.org","status":"5.1.1"},{"address":"b@example.org","status":"4.2.2"}]`: {{"a@example.org", "5.1.1"}, {"b@example.org", "4.2.2"}},
		`[]`:                             {},
		`{"address":"a@example.org"}`:    nil,
		`{"address":"x","status":"5.0"}`: nil,
		`text`:                           nil,
		``:                               nil,
	} {
		got, err := subscribers.ParseFailures(strings.NewReader(in))
		if (err == nil) != (want != nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for status, hard := range map[string]bool{"5.1.1": true, "5.2.2": false, "4.1.1": false, "": false} {
		if got := (subscribers.Failure{Status: status}).IsHard(); got != hard {
			t.Errorf("%q is hard: %v", status, got)
		}
	}
}

func FuzzParseReport(f *testing.F) {
	f.Add(postfix)
	f.Add("Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\nAction: failed\nFinal-Recipient: rfc822;a@b\nStatus: 5.0.0\n--x--")
	f.Fuzz(func(t *testing.T, s string) {
		all, err := subscribers.ParseReport(strings.NewReader(s))
		if (err == nil) != (len(all) > 0) {
			t.Errorf("%d failures, %v", len(all), err)
		}
		for _, failure := range all {
			if _, err := subscribers.ParseAddress(failure.Address); err != nil || failure.Status == "" {
				t.Errorf("%+v", failure)
			}
		}
	})
}
