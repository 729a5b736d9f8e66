package newsletter

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"

	gomail "github.com/wneessen/go-mail"

	"netsync/publishers/newsletter/draft"
	"netsync/publishers/newsletter/mail"
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
	m.Subject(draft.SingleLine(l.Subject))
	m.SetDateWithValue(l.Created)
	m.SetMessageIDWithValue(l.messageID(address) + "@" + l.domainName())
	m.SetGenHeader(mail.HeaderAutoSubmitted, "auto-generated")
	m.SetGenHeader(mail.HeaderFeedbackID, l.ID+":"+l.dataset+":digest:netsync")
	m.SetGenHeader("Content-Language", l.Language)
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	return m, nil
}

// partBoundary returns the boundary between the parts of a message.
func (l letter) partBoundary(address string) string { return "netsync." + l.messageID(address)[:40] }

// messageID returns the part before the @: a hash of the digest and one of
// digest and recipient (RFC 5322 §3.6.4).
func (l letter) messageID(address string) string {
	digest := sha256.Sum256([]byte(l.dataset + "/" + l.ID))
	recipient := sha256.Sum256([]byte(l.dataset + "/" + l.ID + "\n" + foldAddress(address)))
	return hex.EncodeToString(digest[:12]) + "." + hex.EncodeToString(recipient[:16])
}
