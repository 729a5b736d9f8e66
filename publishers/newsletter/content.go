package newsletter

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
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
	Draft draft `json:"draft"`
	// Notes is the editor's note in all its languages.
	Notes map[string]string `json:"notes,omitempty"`
}

// maxContent is the maximum size of stored content. By default a broker accepts
// 1 MiB compressed, and drafts are limited far below that.
const maxContent = 16 << 20

func contentKey(s Sent) string { return fmt.Sprintf("content.%d.%s", s.From, s.ID) }

// digestID returns a hash of the whole digest.
func digestID(d draft, c content) string {
	h := sha256.New()
	for _, s := range []string{d.Dataset, strconv.FormatUint(uint64(d.FromSequence), 10),
		d.Changeset, d.Subject, c.HTML, c.Text} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// digestOf returns a digest with the content of a draft.
func digestOf(d draft, c content, due, now time.Time, recipients int) Sent {
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
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	enc := json.NewEncoder(zip)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c); err != nil {
		return fmt.Errorf("encode content: %w", err)
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("encode content: %w", err)
	}
	return l.bucket.Put(ctx, contentKey(s), b.Bytes())
}

func (l ledger) readContent(ctx context.Context, s Sent) (c content, err error) {
	e, err := l.bucket.Get(ctx, contentKey(s))
	if err != nil {
		return c, err
	}
	zip, err := gzip.NewReader(bytes.NewReader(e.Value))
	if err != nil {
		return c, fmt.Errorf("read ledger: %s: %w", contentKey(s), err)
	}
	if err := json.NewDecoder(io.LimitReader(zip, maxContent)).Decode(&c); err != nil {
		return c, fmt.Errorf("read ledger: %s: %w", contentKey(s), err)
	}
	return c, nil
}
