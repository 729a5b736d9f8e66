package newsletter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"

	"github.com/wneessen/go-mail"
)

const (
	headerListID        mail.Header = "List-Id"        // RFC 2919
	headerAutoSubmitted mail.Header = "Auto-Submitted" // RFC 3834 §5
	// headerFeedbackID is what large receivers sort complaints by:
	// campaign:customer:kind:sender.
	headerFeedbackID mail.Header = "Feedback-ID"
)

// A letter is one message of a digest.
type letter struct {
	sender
	Sent
	content
	dataset     string
	unsubscribe string // address that takes the recipient off the list; "" for one who answers
}

// A message is what goes over the wire: the envelope, and header and body with
// lines that end in CRLF.
type message struct {
	from, to string
	data     []byte
}

// to makes the message to one recipient. The same letter to the same
// recipient is the same message, to the byte, but for the time of a signature.
func (l letter) to(address string) (message, error) {
	m, err := l.compose(address)
	if err != nil {
		return message{}, err
	}
	return l.sender.encode(m, address, len(l.HTML)+len(l.Text), l.listFields()...)
}

// encode makes a message of what was composed for one recipient, with so many
// bytes of content.
func (s sender) encode(m *mail.Msg, to string, size int, fields ...field) (message, error) {
	var b bytes.Buffer
	b.Grow(size + size/8 + 2<<10) // quoted-printable, and the header
	for _, f := range fields {
		fmt.Fprintf(&b, "%s: %s\r\n", f.name, f.value)
	}
	if _, err := m.WriteTo(&b); err != nil {
		return message{}, fmt.Errorf("newsletter: write a message: %w", err)
	}
	data, err := s.signer.sign(b.Bytes())
	return message{from: s.from.Address, to: to, data: data}, err
}

// A field is one of a header whose value is written as it is.
type field struct {
	name  mail.Header
	value string
}

// listFields are those of a mailing list. The mail library would write them in
// another order each time. They say how to get off the list (RFC 2369 §3.2): at
// one click for who has an address of their own for that (RFC 8058 §3.1), which
// asks for https; a server on this machine is as good.
func (l letter) listFields() []field {
	id := field{headerListID, "<" + l.dataset + ".newsletter." + l.domain() + ">"}
	if l.unsubscribe == "" {
		return []field{id, {mail.HeaderListUnsubscribe, "<mailto:" + url.PathEscape(l.from.Address) + "?subject=unsubscribe>"}}
	}
	fields := []field{id, {mail.HeaderListUnsubscribe, "<" + l.unsubscribe + ">"}}
	u, err := url.Parse(l.unsubscribe)
	if err == nil && (u.Scheme == "https" || server{host: u.Hostname()}.isLoopback()) {
		fields = append(fields, field{mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click"})
	}
	return fields
}

func (l letter) compose(address string) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithBoundary("netsync."+l.messageID(address)[:40]))
	m.FromMailAddress(l.from)
	if err := m.To(address); err != nil {
		return nil, errors.New("newsletter: a recipient is not a mail address") // the library's error quotes it
	}
	m.Subject(line(l.Subject))
	m.SetDateWithValue(l.Created)
	m.SetMessageIDWithValue(l.messageID(address) + "@" + l.domain())
	m.SetGenHeader(headerAutoSubmitted, "auto-generated")
	m.SetGenHeader(headerFeedbackID, l.ID+":"+l.dataset+":digest:netsync")
	m.SetGenHeader("Content-Language", l.Language)
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	return m, nil
}

// messageID is the part before the @: a hash of the digest and one of digest
// and recipient (RFC 5322 §3.6.4).
func (l letter) messageID(address string) string {
	digest := sha256.Sum256([]byte(l.dataset + "/" + l.ID))
	recipient := sha256.Sum256([]byte(l.dataset + "/" + l.ID + "\n" + fold(address)))
	return hex.EncodeToString(digest[:12]) + "." + hex.EncodeToString(recipient[:16])
}
