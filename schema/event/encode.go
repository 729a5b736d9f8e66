package event

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// Encode returns the event's wire form.
func Encode(e Event) ([]byte, error) { return Append(make([]byte, 0, e.estimateSize()), e) }

// Append appends the event's wire form to data.
func Append(data []byte, e Event) ([]byte, error) {
	payload, err := e.payloadOf()
	if err != nil {
		return nil, err
	}
	w := writer{b: data}
	w.open('{')
	w.text("specversion", "1.0")
	w.text("id", e.ID)
	w.text("source", sourcePrefix+e.Dataset)
	w.text("type", string(e.Type))
	if subject := e.subjectOf(); subject != "" {
		w.text("subject", subject)
	}
	w.time("time", e.Time.UTC())
	w.text("datacontenttype", "application/json")
	if e.Trace != "" {
		w.text("traceparent", string(e.Trace))
	}
	w.key("data")
	if e.Change != nil {
		e.Change.write(&w)
	} else {
		w.value(payload)
	}
	w.close('}')
	if w.err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID, w.err)
	}
	return w.b, nil
}

// estimateSize returns about how many bytes the wire form of an event takes.
func (e Event) estimateSize() int {
	const rest = 1 << 10 // of a record event without its record
	switch {
	case e.Change != nil:
		return rest + len(e.Change.Record) + len(e.Change.Previous) + len(e.Change.Patch)
	case e.Changeset != nil:
		return rest + len(e.Changeset.Manifest)
	}
	return rest
}

// write writes what encoding/json would, some four times as fast: of most
// events nearly all is a record that is in canonical form already.
func (c *Change) write(w *writer) {
	w.open('{')
	w.text("collection", string(c.Collection))
	w.text("id", c.ID)
	w.text("op", string(c.Op))
	w.orNull("digest", (*string)(c.Digest))
	w.orNull("previous_digest", (*string)(c.PreviousDigest))
	w.raw("record", c.Record)
	w.raw("previous", c.Previous)
	w.raw("patch", c.Patch)
	w.text("significance", string(c.Significance))
	w.flag("bulk", c.Bulk)
	w.flag("republished", c.Republished)
	w.list("replaces", c.Replaces)
	w.orNull("replaced_by", c.ReplacedBy)
	w.key("commits")
	c.writeCommits(w)
	if c.CommitsTotal != 0 {
		w.key("commits_total")
		w.b = strconv.AppendInt(w.b, int64(c.CommitsTotal), 10)
	}
	w.text("changeset", c.Changeset)
	w.close('}')
}

func (c *Change) writeCommits(w *writer) {
	if c.Commits == nil {
		w.b = append(w.b, "null"...)
		return
	}
	w.open('[')
	for i, commit := range c.Commits {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.open('{')
		w.text("sha", commit.SHA)
		w.text("author", commit.Author)
		w.time("time", commit.Time)
		w.text("subject", commit.Subject)
		w.close('}')
	}
	w.close(']')
}

// A writer writes JSON.
type writer struct {
	b   []byte
	err error
}

func (w *writer) open(c byte)  { w.b = append(w.b, c) }
func (w *writer) close(c byte) { w.b = append(w.b, c) }

func (w *writer) key(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

func (w *writer) text(name, s string) {
	w.key(name)
	if !isPlain(s) {
		w.value(s)
		return
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
}

// isPlain reports whether a string stands in JSON as it is.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (w *writer) time(name string, t time.Time) {
	w.key(name)
	b, err := t.AppendText(append(w.b, '"'))
	if err != nil {
		w.err = cmp.Or(w.err, err)
		return
	}
	w.b = append(b, '"')
}

func (w *writer) orNull(name string, s *string) {
	if s == nil {
		w.key(name)
		w.b = append(w.b, "null"...)
		return
	}
	w.text(name, *s)
}

func (w *writer) list(name string, texts []string) {
	w.key(name)
	if texts == nil || len(texts) > 0 {
		w.value(texts)
		return
	}
	w.b = append(w.b, "[]"...)
}

func (w *writer) flag(name string, on bool) {
	w.key(name)
	w.b = strconv.AppendBool(w.b, on)
}

// raw writes what is JSON already. Of what came from elsewhere blanks are left
// out; canonical JSON has no line feeds.
func (w *writer) raw(name string, data json.RawMessage) {
	w.key(name)
	has := func(c byte) bool { return bytes.IndexByte(data, c) >= 0 }
	if len(data) == 0 || has('\n') || has('\r') || has('\t') {
		w.value(data)
		return
	}
	w.b = append(w.b, data...)
}

// value writes anything by encoding/json. It leaves <, > and & alone, so that a
// record's canonical bytes stay as they are inside a message.
func (w *writer) value(v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil && w.err == nil {
		w.err = err
	}
	w.b = append(w.b, bytes.TrimRight(b.Bytes(), "\n")...)
}
