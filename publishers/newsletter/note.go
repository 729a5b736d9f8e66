package newsletter

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"netsync/schema/stream"
)

// maxNote is how many characters a note may have.
const maxNote = 10_000

// A readNote is what an editor says on top of the next digest, in CommonMark by
// language. It is used up by the digest that names its id and is finished:
// nothing has to be deleted for that, so no crash can keep it from being so.
type note struct {
	ID    string            `json:"id"` // another one with each change
	Texts map[string]string `json:"texts"`
}

const noteKey = "note"

// storedNote returns the note that was set last, used up or not, and the
// revision that a change of it must name; the zero note where none was set.
func (l ledger) storedNote(ctx context.Context) (n note, revision uint64, err error) {
	return stream.Read[note](ctx, l.bucket, noteKey)
}

// readNote returns the note of the digest after those that are finished or under
// way; the zero note where there is none.
func (l ledger) readNote(ctx context.Context, h history) (note, error) {
	n, _, err := l.storedNote(ctx)
	if err != nil || h.isNoteUsed(n) {
		return note{}, err
	}
	return n, nil
}

// isNoteUsed reports whether a note belongs to a digest that is sent or on its way.
// One that waits for approval may still get another.
func (h history) isNoteUsed(n note) bool {
	open, _ := h.openDigest()
	for _, s := range h.all {
		if n.ID != "" && s.Note == n.ID && (!s.Completed.IsZero() || s.ID == open.ID && !s.Waits()) {
			return true
		}
	}
	return false
}

// cleanNote takes out what has no place in a message: control characters, what
// turns the direction of writing for everything behind it, and what is not a
// character. Lines and tabs stay, which Markdown is made of.
func cleanNote(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return printableRune(r)
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Trim(strings.TrimRight(text, " \t\n"), "\n")
}

// checkNote returns a *NoteError where a note is too long.
func checkNote(text string) error {
	if n := utf8.RuneCountInString(text); n > maxNote {
		return &NoteError{
			fmt.Sprintf("the note has %d characters, and %d are the limit", n, maxNote),
			"shorten it, or put the rest on a page and link to that",
		}
	}
	return nil
}

// noteText is a note for readers without HTML: as it was written, but that no
// line passes for the one that a signature begins with (RFC 3676 §4.3).
func noteText(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.Join(lines, "\n")
}
