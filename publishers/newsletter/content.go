package newsletter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"netsync/publishers/newsletter/draft"
	"netsync/schema/shared"
)

// content is the content of a digest's messages, stored when the digest is
// begun, so that it remains the same if another process continues.
type content struct {
	Language string `json:"language"`
	ListName string `json:"list_name"`
	HTML     string `json:"html"`
	Text     string `json:"text"`
	// Draft is what the messages were rendered from, for other formats and
	// another note.
	Draft draft.Draft `json:"draft"`
	// Notes is the editor's note in all its languages.
	Notes map[string]string `json:"notes,omitempty"`
}

func contentKey(s Sent) string { return fmt.Sprintf("content.%d.%s", s.From, s.ID) }

// digestID returns a hash of the whole digest.
func digestID(d draft.Draft, c content) string {
	h := sha256.New()
	for _, s := range []string{d.Dataset, strconv.FormatUint(uint64(d.FromSequence), 10),
		d.Changeset, d.Subject, c.HTML, c.Text} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// digestOf returns a digest with the content of a draft.
func digestOf(d draft.Draft, c content, due, now time.Time, recipients int) Sent {
	s := Sent{
		ID: digestID(d, c), Subject: d.Subject,
		From: d.FromSequence, To: d.ToSequence, Changeset: d.Changeset,
		Created: now.UTC().Truncate(time.Second), Recipients: recipients,
	}
	if !due.IsZero() {
		s.Slot = due.UTC().Truncate(time.Second)
	}
	return s
}

// storeContent stores a digest's content. The key contains its hash, so storing
// it again is harmless.
func (l ledger) storeContent(ctx context.Context, s Sent, c content) error {
	data, err := shared.EncodeJSON(c)
	if err == nil {
		data, err = compressData(data)
	}
	if err != nil {
		return fmt.Errorf("encode content: %w", err)
	}
	return l.bucket.Put(ctx, contentKey(s), data)
}

func (l ledger) readContent(ctx context.Context, s Sent) (c content, err error) {
	e, err := l.bucket.Get(ctx, contentKey(s))
	if err != nil {
		return c, err
	}
	data, err := decompressData(e.Value)
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil {
		return c, fmt.Errorf("read ledger: %s: %w", contentKey(s), err)
	}
	return c, nil
}
