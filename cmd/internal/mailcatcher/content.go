package mailcatcher

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"

	"golang.org/x/net/html/charset"
)

const (
	maxDepth = 10  // of multiparts within multiparts
	maxParts = 200 // of a message
)

// Content is the readable part of a message: its first HTML and its first
// text part, in UTF-8, as the sender wrote them. Neither is safe markup.
type Content struct {
	HTML        string
	Text        string
	Attachments []Attachment
	Links       []string // the http and https addresses in both, without repeats
}

// Attachment is any other part.
type Attachment struct {
	Name string
	Type string
	Size int64 // bytes, decoded
}

// parseContent reads what can be read: what is malformed, too deep or too
// much is left out, and the raw source is there to look at.
func parseContent(raw []byte) Content {
	p := &parser{}
	r := bufio.NewReader(bytes.NewReader(raw))
	header, _ := textproto.NewReader(r).ReadMIMEHeader()
	p.parsePart(header, r, 0)
	p.content.Links = findLinks(p.content)
	return p.content
}

type parser struct {
	content Content
	parts   int
}

func (p *parser) parsePart(h textproto.MIMEHeader, body io.Reader, depth int) {
	if p.parts++; p.parts > maxParts || depth > maxDepth {
		return
	}
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		mediaType, params = "text/plain", nil // RFC 2045 §5.2
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		p.parseMultipart(body, params["boundary"], depth)
		return
	}
	disposition, dispositionParams, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	data := decodeTransfer(h.Get("Content-Transfer-Encoding"), body)
	attached := strings.EqualFold(disposition, "attachment")
	switch {
	case mediaType == "text/html" && p.content.HTML == "" && !attached:
		p.content.HTML = readText(data, params["charset"])
	case mediaType == "text/plain" && p.content.Text == "" && !attached:
		p.content.Text = readText(data, params["charset"])
	default:
		p.addAttachment(firstOf(dispositionParams["filename"], params["name"]), mediaType, data)
	}
}

func (p *parser) parseMultipart(body io.Reader, boundary string, depth int) {
	if boundary == "" {
		return
	}
	r := multipart.NewReader(body, boundary)
	for p.parts <= maxParts {
		part, err := r.NextRawPart()
		if err != nil {
			return
		}
		p.parsePart(part.Header, part, depth+1)
	}
}

func (p *parser) addAttachment(name, mediaType string, data io.Reader) {
	size, _ := io.Copy(io.Discard, io.LimitReader(data, maxBytes))
	p.content.Attachments = append(p.content.Attachments, Attachment{
		Name: shortenText(oneLine(decodeWords(name))),
		Type: shortenText(oneLine(mediaType)),
		Size: size,
	})
}

// decodeTransfer undoes RFC 2045 §6.
func decodeTransfer(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}

// readText gives UTF-8, of at most the size of a message.
func readText(r io.Reader, label string) string {
	if label != "" {
		if decoded, err := charset.NewReaderLabel(label, r); err == nil {
			r = decoded
		}
	}
	data, _ := io.ReadAll(io.LimitReader(r, maxBytes))
	return strings.ToValidUTF8(string(data), "\uFFFD")
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
