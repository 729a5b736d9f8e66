package mailcatcher

import (
	"bufio"
	"io"
	"mime"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/html/charset"
)

// maxShown bounds a header field on a page, in characters.
const maxShown = 500

// Message is what the list shows. Texts are decoded (RFC 2047), on one line,
// without control and direction characters; they are still the sender's
// words and need escaping.
type Message struct {
	ID         string    // also the name of the file, without .eml; sorts by arrival
	Received   time.Time // UTC
	From       string    // the header field
	To         string    // the header field; the recipients where there is none
	Subject    string
	Recipients []string // whom the sender named to the server, as RCPT TO
	Size       int64    // bytes of the file
}

// parseMessage reads the head of a kept message. A malformed head gives what
// could be read of it.
func parseMessage(id string, received time.Time, size int64, r *bufio.Reader) Message {
	recipients := readEnvelope(r)
	header := readHeader(r)
	m := Message{
		ID:         id,
		Received:   received,
		From:       headerField(header, "From"),
		To:         headerField(header, "To"),
		Subject:    headerField(header, "Subject"),
		Recipients: recipients,
		Size:       size,
	}
	if m.To == "" {
		m.To = shortenText(strings.Join(m.Recipients, ", "))
	}
	return m
}

// readHeader reads as far as the head is well-formed.
func readHeader(r *bufio.Reader) mail.Header {
	limited := bufio.NewReader(io.LimitReader(r, 1<<20))
	header, _ := textproto.NewReader(limited).ReadMIMEHeader()
	return mail.Header(header)
}

func headerField(h mail.Header, name string) string {
	return shortenText(oneLine(decodeWords(h.Get(name))))
}

// decodeWords decodes RFC 2047; what it cannot decode stays as it is.
func decodeWords(s string) string {
	d := mime.WordDecoder{CharsetReader: charset.NewReaderLabel}
	if decoded, err := d.DecodeHeader(s); err == nil {
		return decoded
	}
	return s
}

// oneLine makes text safe to stand in a line, of a file or a page: control
// characters and those that turn the direction of writing become spaces.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}

func shortenText(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxShown {
			return s[:i] + "…"
		}
	}
	return s
}
