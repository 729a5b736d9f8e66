package newsletter

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/newsletter/draft"
	"netsync/schema/stream"
)

// Noted is the note of the next digest in a language.
type Noted struct {
	Language string `json:"language"`
	Note     string `json:"note"` // CommonMark; may be ""
	// Digest is the id of the waiting digest that the note belongs to; "" if
	// none waits. It changes with each edit.
	Digest  string    `json:"digest,omitempty"`
	Waiting time.Time `json:"waiting,omitzero"` // since when it waits
}

// Note returns the note of the next digest in a language; "" is the dataset's
// default language.
func (n *Newsletter) Note(ctx context.Context, language string) (Noted, error) {
	result, err := n.readNote(ctx, language)
	if err != nil {
		return result, fmt.Errorf("newsletter: %w", err)
	}
	return result, nil
}

func (n *Newsletter) readNote(ctx context.Context, language string) (result Noted, err error) {
	d, err := n.readDraft()
	if err != nil {
		return result, err
	}
	if result.Language, err = checkLanguage(d, language); err != nil {
		return result, err
	}
	b, err := n.readLedgerState(ctx, d.Dataset)
	if s, ok := b.history.openDigest(); ok && s.takesNote() {
		result.Digest, result.Waiting = s.ID, s.Created
	}
	result.Note = b.note.Texts[result.Language]
	return result, err
}

// SetNote sets the note of the next digest in a language, "" being the
// dataset's default; the text "" removes the note. If a digest waits for
// approval, the note is added to that one, and its id changes, as an id stands
// for what someone has read. A digest that is being sent does not change, and
// the note is for the next one.
//
// The error is a *NoteError if the note is too long, or the dataset has no such
// language. After another error the note may be set in part; setting it again
// completes it.
func (n *Newsletter) SetNote(ctx context.Context, language, text string) (Noted, error) {
	if n.JetStream == nil {
		return Noted{}, errNoBroker
	}
	result, err := n.setNote(ctx, language, cleanNote(text))
	if err != nil {
		return result, fmt.Errorf("newsletter: %w", err)
	}
	n.Log.Info("note set", zap.String("language", result.Language), zap.Int("bytes", len(result.Note)), zap.String("digest", result.Digest))
	return result, n.refreshDraft(ctx)
}

func (n *Newsletter) setNote(ctx context.Context, language, text string) (result Noted, err error) {
	if err := checkNote(text); err != nil {
		return result, err
	}
	d, err := n.readDraft()
	if err != nil {
		return result, err
	}
	result.Note = text
	if result.Language, err = checkLanguage(d, language); err != nil {
		return result, err
	}
	l, err := openLedger(ctx, n.JetStream, d.Dataset)
	if err != nil {
		return result, err
	}
	next, err := l.setNote(ctx, result.Language, text)
	if err != nil {
		return result, err
	}
	h, err := l.readHistory(ctx)
	if err != nil {
		return result, err
	}
	if s, ok := h.openDigest(); ok && s.takesNote() {
		s, err = n.replaceNote(ctx, l, s, next)
		result.Digest, result.Waiting = s.ID, s.Created
	}
	return result, err
}

// takesNote reports whether a note is added to a digest that was begun. Monthly
// digests have none, as a note is for everyone.
func (s Sent) takesNote() bool { return s.Waits() && !s.Monthly }

// setNote stores a text in a language beside those in others. Of two concurrent
// calls, the second starts again from the result of the first.
func (l ledger) setNote(ctx context.Context, language, text string) (next note, err error) {
	for range tries {
		h, err := l.readHistory(ctx)
		if err != nil {
			return note{}, err
		}
		last, revision, err := l.storedNote(ctx)
		if err != nil {
			return note{}, err
		}
		if h.isNoteUsed(last) {
			last = note{}
		}
		if last.Texts[language] == text {
			return last, nil
		}
		next = note{ID: rand.Text(), Texts: maps.Clone(last.Texts)}
		if next.Texts == nil {
			next.Texts = make(map[string]string)
		}
		next.Texts[language] = text
		maps.DeleteFunc(next.Texts, func(_, text string) bool { return text == "" })
		err = stream.Write(ctx, l.bucket, noteKey, next, revision)
		if err == nil {
			return next, nil
		}
		if !errors.Is(err, stream.ErrConflict) {
			return note{}, err
		}
	}
	return note{}, fmt.Errorf("write to ledger: %s: others changed it again and again; try once more", noteKey)
}

// replaceNote replaces the note of the waiting digest; the rest of the content
// remains. If the digest was approved or cancelled meanwhile, it does not
// change, and the note is for the next one.
func (n *Newsletter) replaceNote(ctx context.Context, l ledger, s Sent, next note) (Sent, error) {
	c, err := l.readContent(ctx, s)
	if err != nil {
		return s, err
	}
	d := c.Draft
	if d.Dataset == "" {
		return s, &NoteError{"digest " + s.ID + " was composed by an older netsync, and cannot get a note", "cancel it and send it again"}
	}
	if d.Note = next.Texts[d.Language]; d.Note == c.Draft.Note && (d.Note == "" || s.Note == next.ID) {
		return s, nil
	}
	if c, err = n.composeMessages(d); err != nil {
		return s, err
	}
	c.Notes = next.Texts
	changed := s
	changed.ID = digestID(d, c)
	changed.Note = next.idFor(d)
	return l.replaceDigest(ctx, s, changed, c)
}

// idFor returns the id that the digest of a draft records; "" if the note is
// not in the draft.
func (n note) idFor(d draft.Draft) string {
	if d.Note == "" {
		return ""
	}
	return n.ID
}

// checkLanguage checks that the dataset has a language; "" is its default.
func checkLanguage(d draft.Draft, language string) (string, error) {
	if language == "" {
		return d.Language, nil
	}
	for _, l := range d.Languages {
		if strings.EqualFold(l, language) {
			return l, nil
		}
	}
	return "", &NoteError{
		fmt.Sprintf("the dataset has no language %q", language),
		"it has " + strings.Join(slices.Sorted(slices.Values(d.Languages)), ", "),
	}
}
