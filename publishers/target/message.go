package target

import (
	"strings"
	"unicode"

	"netsync/schema/event"
)

// Trailers of a commit.
const (
	changesetTrailer = "Netsync-Changeset: "
	digestTrailer    = "Netsync-State-Digest: "
)

// maxSubject is the maximum length of a commit's subject in characters.
const maxSubject = 100

// formatMessage returns the message of a commit that shows a position.
func (m Message) formatMessage(p event.Position) string {
	var b strings.Builder
	subject := []rune(plainLine(m.Subject))
	if len(subject) > maxSubject {
		subject = append(subject[:maxSubject-1], '…')
	}
	b.WriteString(string(subject) + "\n\n")
	for _, line := range m.Body {
		b.WriteString("- " + plainLine(line) + "\n")
	}
	if len(m.Body) > 0 {
		b.WriteString("\n")
	}
	b.WriteString(changesetTrailer + plainLine(p.Changeset) + "\n")
	b.WriteString(digestTrailer + plainLine(string(p.StateDigest)) + "\n")
	return b.String()
}

// plainLine returns a text on one line.
func plainLine(s string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(clean), " ")
}
