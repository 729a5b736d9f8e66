package mail

import (
	"bytes"
	"fmt"

	"github.com/wneessen/go-mail"
)

// Fields of a header that the mail library has no name for.
const (
	HeaderListID        mail.Header = "List-Id"        // RFC 2919
	HeaderAutoSubmitted mail.Header = "Auto-Submitted" // RFC 3834 §5
	// HeaderFeedbackID is what large receivers sort complaints by:
	// campaign:customer:kind:sender.
	HeaderFeedbackID mail.Header = "Feedback-ID"
)

// A Message is what goes over the wire: the envelope, and header and body with
// lines that end in CRLF.
type Message struct {
	From, To string
	Data     []byte
}

// A Field is one of a header whose value is written as it is.
type Field struct {
	Name  mail.Header
	Value string
}

// Encode returns the bytes of a composed message, after some fields. size is about
// how many bytes of content it has.
func Encode(m *mail.Msg, size int, fields ...Field) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(size + size/8 + 2<<10) // quoted-printable, and the header
	for _, f := range fields {
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("newsletter: write a message: %w", err)
	}
	return b.Bytes(), nil
}
