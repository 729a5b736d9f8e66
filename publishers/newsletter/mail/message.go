package mail

import (
	"bytes"
	"fmt"

	"github.com/wneessen/go-mail"
)

// Header fields that the mail library does not define.
const (
	HeaderListID        mail.Header = "List-Id"        // RFC 2919
	HeaderAutoSubmitted mail.Header = "Auto-Submitted" // RFC 3834 §5
	// HeaderFeedbackID groups complaints at large receivers:
	// campaign:customer:kind:sender.
	HeaderFeedbackID mail.Header = "Feedback-ID"
)

// A Message is an envelope with data: header and body with lines that end in
// CRLF.
type Message struct {
	From, To string
	Data     []byte
}

// A Field is a header field whose value is written unchanged.
type Field struct {
	Name  mail.Header
	Value string
}

// Encode returns the bytes of a composed message, after some fields. size is
// the approximate size of its content.
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
