package newsletter

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"

	"netsync/publishers/newsletter/mail"

	gomail "github.com/wneessen/go-mail"

	"netsync/schema/shared"
)

// A letter is one message of a digest.
type letter struct {
	sender
	Sent
	content
	dataset     string
	unsubscribe string // URL for unsubscribing; "" means by reply
}

// messageTo returns the message to one recipient. The same letter to the same
// recipient gives the same bytes, except for the time of a signature.
func (l letter) messageTo(address string) (mail.Message, error) {
	data, err := l.encode(address)
	if err != nil {
		return mail.Message{}, err
	}
	return l.signer.NewMessage(l.from.Address, address, data)
}

// newTemplate encodes a letter once for many recipients. Its content has
// stand-ins for the values of each recipient.
func (l letter) newTemplate(standIns ...string) (mail.Template, error) {
	nobody := rand.Text() + "@example.org"
	data, err := l.encode(nobody)
	_, body, _ := bytes.Cut(data, blankLine)
	return mail.NewTemplate(body, append([]string{l.partBoundary(nobody)}, standIns...)...), err
}

// fillTemplate returns the same message as messageTo for a letter with these
// values. It overwrites buffer, which grows if needed.
func (l letter) fillTemplate(f mail.Template, buffer []byte, address string, values ...string) (mail.Message, error) {
	l.HTML, l.Text = "", ""
	data, err := l.encode(address)
	if err != nil {
		return mail.Message{}, err
	}
	head := data[:bytes.Index(data, blankLine)+len(blankLine)]
	return l.signer.NewMessage(l.from.Address, address, f.Fill(buffer, head, append([]string{l.partBoundary(address)}, values...)...))
}

// blankLine ends a header, together with the end of the last line (RFC 5322
// §2.1).
var blankLine = []byte("\r\n\r\n")

func (l letter) encode(address string) ([]byte, error) {
	m, err := l.composeMessage(address)
	if err != nil {
		return nil, err
	}
	return mail.Encode(m, len(l.HTML)+len(l.Text), l.listFields()...)
}

// listFields returns the header fields of a mailing list, which the mail
// library would write in changing order. They tell how to unsubscribe (RFC 2369
// §3.2), with one click for recipients with a link of their own (RFC 8058
// §3.1), which requires https except on this machine.
func (l letter) listFields() []mail.Field {
	id := mail.Field{Name: mail.HeaderListID, Value: "<" + l.dataset + ".newsletter." + l.domainName() + ">"}
	if l.unsubscribe == "" {
		return []mail.Field{id, {Name: gomail.HeaderListUnsubscribe, Value: "<mailto:" + url.PathEscape(l.from.Address) + "?subject=unsubscribe>"}}
	}
	fields := []mail.Field{id, {Name: gomail.HeaderListUnsubscribe, Value: "<" + l.unsubscribe + ">"}}
	u, err := url.Parse(l.unsubscribe)
	if err == nil && (u.Scheme == "https" || shared.IsLoopback(u.Hostname())) {
		fields = append(fields, mail.Field{Name: gomail.HeaderListUnsubscribePost, Value: "List-Unsubscribe=One-Click"})
	}
	return fields
}

func (l letter) composeMessage(address string) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(l.partBoundary(address)))
	m.FromMailAddress(l.from)
	if err := m.To(address); err != nil {
		return nil, errors.New("newsletter: a recipient is not a mail address") // the library's error quotes the address
	}
	m.Subject(singleLine(l.Subject))
	m.SetDateWithValue(l.Created)
	m.SetMessageIDWithValue(l.messageID(address) + "@" + l.domainName())
	m.SetGenHeader(mail.HeaderAutoSubmitted, "auto-generated")
	m.SetGenHeader(mail.HeaderFeedbackID, l.ID+":"+l.dataset+":digest:netsync")
	m.SetGenHeader("Content-Language", l.Language)
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	return m, nil
}

// partBoundary returns the boundary between the parts of a message. It has a
// constant length.
func (l letter) partBoundary(address string) string { return "netsync." + l.messageID(address)[:40] }

// messageID returns the part before the @: a hash of the digest and one of
// digest and recipient (RFC 5322 §3.6.4).
func (l letter) messageID(address string) string {
	digest := sha256.Sum256([]byte(l.dataset + "/" + l.ID))
	recipient := sha256.Sum256([]byte(l.dataset + "/" + l.ID + "\n" + foldAddress(address)))
	return hex.EncodeToString(digest[:12]) + "." + hex.EncodeToString(recipient[:16])
}
