package newsletter

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"netsync/publishers/newsletter/draft"
	"netsync/schema/stream"
)

// maxNote is the maximum length of a note in characters.
const maxNote = 10_000

// A note is an editor's text on top of the next digest, in CommonMark by
// language. It is used by the completed digest that has its id. So nothing has
// to be deleted, and a crash cannot use it twice.
type note struct {
	ID    string            `json:"id"` // changes with each edit
	Texts map[string]string `json:"texts"`
}

const noteKey = "note"

// storedNote returns the last note, used or not, with its revision for an
// update, or zero if there is none.
func (l ledger) storedNote(ctx context.Context) (n note, revision uint64, err error) {
	return stream.Read[note](ctx, l.bucket, noteKey)
}

// readNote returns the note for the next digest, or zero if there is none.
func (l ledger) readNote(ctx context.Context, h history) (note, error) {
	n, _, err := l.storedNote(ctx)
	if err != nil || h.isNoteUsed(n) {
		return note{}, err
	}
	return n, nil
}

// isNoteUsed reports whether a note belongs to a digest that was sent or is
// being sent. A waiting digest may still get another note.
func (h history) isNoteUsed(n note) bool {
	open, _ := h.openDigest()
	for _, s := range h.all {
		if n.ID != "" && s.Note == n.ID && (!s.Completed.IsZero() || s.ID == open.ID && !s.Waits()) {
			return true
		}
	}
	return false
}

// cleanNote removes characters that are not allowed in a message: control
// characters, bidirectional controls and noncharacters. Lines and tabs remain,
// as Markdown needs them.
func cleanNote(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return draft.PrintableRune(r)
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Trim(strings.TrimRight(text, " \t\n"), "\n")
}

// checkNote returns a *NoteError if a note is too long.
func checkNote(text string) error {
	if n := utf8.RuneCountInString(text); n > maxNote {
		return &NoteError{
			fmt.Sprintf("the note has %d characters, and %d are the limit", n, maxNote),
			"shorten it, or put the rest on a page and link to that",
		}
	}
	return nil
}
