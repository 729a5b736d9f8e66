package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// Limits of kept deltas, counted from the newest. Each limit depends on newer deltas only, so
// that trimming at every step equals trimming once.
const (
	maxAge    = 90 * 24 * time.Hour
	maxDeltas = 5000
)

// A Log lists deltas. They bring a snapshot of any of their points, or of Since, up to date.
type Log struct {
	Dataset string  `json:"dataset"`
	Since   Point   `json:"since"` // from which the first one leads on
	Deltas  []Entry `json:"deltas"`
}

// An Entry is one delta in the log.
type Entry struct {
	File    string        `json:"file"` // relative to the log
	From    event.Seq     `json:"from"`
	To      Point         `json:"to"`
	Time    time.Time     `json:"time"`
	Changes int           `json:"changes"`
	Bytes   int           `json:"bytes"`
	Digest  schema.Digest `json:"digest"` // of the file
}

// Name returns the name of the delta's file below the folder of data files.
func (e Entry) Name() string { return Folder + "/" + e.File }

// Now returns the newest point; zero before the first changeset.
func (l Log) Now() Point {
	if len(l.Deltas) == 0 {
		return l.Since
	}
	return l.Deltas[len(l.Deltas)-1].To
}

// News has the differences of a log from the one before.
type News struct {
	Files map[string][]byte // deltas by name, below the folder of data files
	Gone  []string
}

// Extend returns the log of an edition, and does not change its receiver. The error is a
// *ProofError if the deltas do not lead to the edition.
func (l Log) Extend(e publishers.Edition) (Log, News, error) {
	next := Log{e.Position.Dataset, l.Since, slices.Clone(l.Deltas)}
	news := News{Files: make(map[string][]byte)}
	var added []*Delta
	old := tooOld(timesOf(e.Entries))
	for n, entry := range e.Entries {
		from := next.Now()
		switch {
		case from != Point{} && entry.Sequence <= from.Sequence:
			continue // it is in the log
		case from == Point{} || n < old:
			next.dropAll(&news)
			next.Since = pointOf(entry) // what is the first is a snapshot
			continue
		}
		delta := deltaOf(e.Position.Dataset, from, entry)
		data, err := delta.encode()
		if err != nil {
			return Log{}, News{}, err
		}
		// The proof is about the encoded delta.
		if delta, err = DecodeDelta(data); err != nil {
			return Log{}, News{}, err
		}
		added = append(added, delta)
		news.Files[delta.fileName()] = data
		next.Deltas = append(next.Deltas, Entry{
			File: delta.fileName()[len(Folder)+1:], From: from.Sequence, To: delta.To, Time: delta.Time,
			Changes: len(delta.Changes), Bytes: len(data), Digest: schema.DigestOf(data),
		})
	}
	if err := proveDeltas(e, added, next.Now()); err != nil {
		return Log{}, News{}, err
	}
	next.dropOld(&news)
	return next, news, nil
}

// tooOld returns the number of changesets that are not kept, by the times of all of them. One
// that is too old stays so when newer ones follow.
func tooOld(times []time.Time) int {
	var newest time.Time
	for n := len(times) - 1; n >= max(0, len(times)-maxDeltas); n-- {
		if newest.Sub(times[n]) > maxAge && !newest.IsZero() {
			return n + 1
		}
		if times[n].After(newest) {
			newest = times[n]
		}
	}
	return max(0, len(times)-maxDeltas)
}

func timesOf(entries []publishers.Entry) []time.Time {
	times := make([]time.Time, len(entries))
	for n := range entries {
		times[n] = entries[n].Time
	}
	return times
}

// dropOld removes old deltas.
func (l *Log) dropOld(news *News) {
	times := make([]time.Time, len(l.Deltas))
	for n := range l.Deltas {
		times[n] = l.Deltas[n].Time
	}
	old := tooOld(times)
	if old > 0 {
		l.Since = l.Deltas[old-1].To
	}
	for _, entry := range l.Deltas[:old] {
		delete(news.Files, entry.Name())
		news.Gone = append(news.Gone, entry.Name())
	}
	l.Deltas = slices.Delete(l.Deltas, 0, old)
}

// dropAll removes all deltas.
func (l *Log) dropAll(news *News) {
	for _, old := range l.Deltas {
		news.Gone = append(news.Gone, old.Name())
	}
	l.Deltas = nil
}

// A ProofError reports a delta that does not lead from one state to the next.
type ProofError struct {
	Delta string
	Err   error
}

func (e *ProofError) Error() string {
	return fmt.Sprintf("prove that %s leads to the next snapshot: %v", e.Delta, e.Err)
}

func (e *ProofError) Unwrap() error { return e.Err }

// proveDeltas undoes the deltas from the edition's state, one by one, and compares the digest of
// the state at each point with the announced one.
func proveDeltas(e publishers.Edition, deltas []*Delta, now Point) error {
	if now != (Point{}) && now.Sequence != e.Position.Sequence {
		return &ProofError{LogFile, fmt.Errorf("it ends with changeset %s, and not with %s", now.Changeset, e.Position.Changeset)}
	}
	undone := e.State.Try()
	for _, d := range slices.Backward(deltas) {
		if digest := undone.Digest(); digest != d.To.StateDigest {
			return &ProofError{d.fileName(), fmt.Errorf("the state after it has the digest %s, not %s", digest, d.To.StateDigest)}
		}
		for _, c := range slices.Backward(d.Changes) {
			var before schema.Digest // none
			if c.PreviousDigest != nil {
				before = *c.PreviousDigest
			}
			undone.Put(c.RecordID(), before)
		}
		if digest := undone.Digest(); digest != d.From.StateDigest {
			return &ProofError{d.fileName(), fmt.Errorf("the state before it has the digest %s, not %s", digest, d.From.StateDigest)}
		}
	}
	return nil
}

// Encode writes the log, a line for each delta, the oldest first.
func (l Log) Encode() ([]byte, error) {
	since, err := encode(LogFile, l.Since)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	dataset, err := encode(LogFile, l.Dataset)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&b, `{"dataset":%s,"since":%s,"deltas":[`, bytes.TrimSpace(dataset), bytes.TrimSpace(since))
	for n, entry := range l.Deltas {
		line, err := encode(LogFile, entry)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(bytes.TrimSpace(line))
	}
	b.WriteString("\n]}\n")
	return b.Bytes(), nil
}

// DecodeLog decodes a log. It returns an error if a delta does not begin where the one before
// ends.
func DecodeLog(data []byte) (Log, error) {
	var l Log
	err := json.Unmarshal(data, &l)
	if err == nil && l.Dataset == "" {
		err = errors.New("it names no dataset")
	}
	at := l.Since.Sequence
	for _, entry := range l.Deltas {
		if err == nil && (entry.From != at || entry.To.Sequence <= at) {
			err = fmt.Errorf("%q does not follow the changeset before it", entry.File)
		}
		if err == nil && entry.File != fmt.Sprintf("%d..%d.json", entry.From, entry.To.Sequence) {
			err = fmt.Errorf("%q is not the name of a delta", entry.File)
		}
		at = entry.To.Sequence
	}
	if err != nil {
		return Log{}, fmt.Errorf("decode %s: %w", LogFile, err)
	}
	return l, nil
}

// After returns the deltas after the newest point whose state has a digest; ok is false if the
// log has no such point.
func (l Log) After(changeset string, state schema.Digest) (deltas []Entry, ok bool) {
	for n := len(l.Deltas) - 1; n >= -1; n-- {
		at := l.Since
		if n >= 0 {
			at = l.Deltas[n].To
		}
		if at.StateDigest == state && at.Changeset == changeset {
			return l.Deltas[n+1:], true
		}
	}
	return nil, false
}
