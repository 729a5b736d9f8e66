package newsletter

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"

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
	data, err := l.encode(address)
	if err != nil {
		return message{}, err
	}
	return l.sender.seal(address, data)
}

// form encodes a letter once for many. Stand-ins are in its content in the place
// of what each of them has of their own.
func (l letter) form(standIns ...string) (form, error) {
	nobody := rand.Text() + "@example.org"
	data, err := l.encode(nobody)
	_, body, _ := bytes.Cut(data, blankLine)
	return formOf(body, append([]string{l.boundary(nobody)}, standIns...)...), err
}

// fill makes the message that to would make of a letter with these values in its
// content, of which the letter needs to have none. It is written over room, which
// grows where it is too small.
func (l letter) fill(f form, room []byte, address string, values ...string) (message, error) {
	l.HTML, l.Text = "", ""
	data, err := l.encode(address)
	if err != nil {
		return message{}, err
	}
	head := data[:bytes.Index(data, blankLine)+len(blankLine)]
	room = append(slices.Grow(room[:0], len(head)+len(f.body)+len(lastLine)), head...)
	return l.sender.seal(address, f.fill(room, append([]string{l.boundary(address)}, values...)...))
}

// blankLine ends a header, with the line before it (RFC 5322 §2.1).
var blankLine = []byte("\r\n\r\n")

func (l letter) encode(address string) ([]byte, error) {
	m, err := l.compose(address)
	if err != nil {
		return nil, err
	}
	return encode(m, len(l.HTML)+len(l.Text), l.listFields()...)
}

// encode writes what was composed, which has so many bytes of content.
func encode(m *mail.Msg, size int, fields ...field) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(size + size/8 + 2<<10) // quoted-printable, and the header
	for _, f := range fields {
		fmt.Fprintf(&b, "%s: %s\r\n", f.name, f.value)
	}
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("newsletter: write a message: %w", err)
	}
	return b.Bytes(), nil
}

// seal makes a message of what was encoded.
func (s sender) seal(to string, data []byte) (message, error) {
	data, err := s.signer.sign(data)
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
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithBoundary(l.boundary(address)))
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

// boundary is what is between the parts of a message. It has the same length in
// all of them.
func (l letter) boundary(address string) string { return "netsync." + l.messageID(address)[:40] }

// messageID is the part before the @: a hash of the digest and one of digest
// and recipient (RFC 5322 §3.6.4).
func (l letter) messageID(address string) string {
	digest := sha256.Sum256([]byte(l.dataset + "/" + l.ID))
	recipient := sha256.Sum256([]byte(l.dataset + "/" + l.ID + "\n" + fold(address)))
	return hex.EncodeToString(digest[:12]) + "." + hex.EncodeToString(recipient[:16])
}
