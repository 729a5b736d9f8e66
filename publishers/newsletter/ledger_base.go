package newsletter

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/newsletter/draft"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
	"netsync/schema/stream"
)

// A ledgerBase is where a ledger continues after the dataset's stream was
// created again. It holds the differences of the new stream's records from
// those of the last digest, and replaces all changes of the new stream up to
// the changeset event At.
//
// The zero ledgerBase means that the stream was never created again.
type ledgerBase struct {
	Epoch   string          `json:"epoch"` // of the new stream
	At      event.Seq       `json:"at"`
	Made    time.Time       `json:"made"`
	Changes []*event.Change `json:"changes,omitempty"`
	Bulk    story.Tally     `json:"bulk,omitempty"` // changes that are only counted
	// Unknown is set if the records of the last digest are unknown: changes
	// made while there was no stream are in no digest.
	Unknown bool `json:"unknown,omitempty"`
}

const baseKey = "base"

// startSequence returns where the first digest after the base begins.
func (b ledgerBase) startSequence() event.Seq {
	if b.Epoch == "" {
		return 0
	}
	return b.At - 1
}

// adjustEntry returns the changes that count for a changeset; ok is false if
// the base replaces them.
func (b ledgerBase) adjustEntry(e draft.Entry, changes []*event.Change) (draft.Entry, []*event.Change, bool) {
	switch {
	case b.Epoch == "" || e.Sequence > b.At:
		return e, changes, true
	case e.Sequence < b.At:
		return e, nil, false
	}
	e.Bulk = draft.AddTallies(e.Bulk, b.Bulk)
	return e, b.Changes, true
}

// readBase reads the base of the ledger, with its revision for an update.
func (l ledger) readBase(ctx context.Context) (b ledgerBase, revision uint64, err error) {
	e, err := l.bucket.Get(ctx, baseKey)
	if errors.Is(err, stream.ErrNoKey) {
		return ledgerBase{}, 0, nil
	}
	if err != nil {
		return ledgerBase{}, 0, err
	}
	data, err := decompressData(e.Value)
	if err == nil {
		err = json.Unmarshal(data, &b)
	}
	if err != nil {
		return ledgerBase{}, 0, fmt.Errorf("read ledger: %s: %w", baseKey, err)
	}
	return b, e.Revision, nil
}

// setBase stores a base, unless another process did so first.
func (l ledger) setBase(ctx context.Context, b ledgerBase, revision uint64) error {
	data, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode %s: %w", baseKey, err)
	}
	if data, err = compressData(data); err != nil {
		return err
	}
	_, err = l.bucket.Update(ctx, baseKey, data, revision)
	return ignoreConflict(err)
}

func compressData(data []byte) ([]byte, error) {
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	_, err := zip.Write(data)
	if err = errors.Join(err, zip.Close()); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return b.Bytes(), nil
}

// maxDecompressed is the maximum size of decompressed data.
const maxDecompressed = 256 << 20

func decompressData(data []byte) ([]byte, error) {
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	return io.ReadAll(io.LimitReader(zip, maxDecompressed))
}

// isAhead reports whether the ledger counts in another stream than the
// edition's.
func (n *Newsletter) isAhead(ctx context.Context, h history, p event.Position) (bool, error) {
	last, ok := h.latestDigest()
	if !ok || n.JetStream == nil {
		return false, nil
	}
	reader, err := n.openReaderOf(ctx, p.Dataset)
	if err != nil {
		return false, err
	}
	if last.Epoch != "" {
		return !reader.Epoch().Has(last.Epoch, last.To), nil
	}
	end, err := reader.Last(ctx)
	return last.To > end, err
}

// rebaseLedger continues the ledger with a stream that was created again.
func (n *Newsletter) rebaseLedger(ctx context.Context, l ledger, h history, e publishers.Edition) error {
	_, revision, err := l.readBase(ctx)
	if err != nil {
		return err
	}
	if err := n.abandonOpen(ctx, l, h); err != nil {
		return err
	}
	b := ledgerBase{Epoch: e.Position.Epoch, At: e.Position.Sequence, Made: n.Now().UTC().Truncate(time.Second)}
	if err := n.compareRecords(ctx, l, h, e, &b); err != nil {
		return err
	}
	if err := l.setBase(ctx, b, revision); err != nil {
		return err
	}
	n.Log.Warn("stream was created again; newsletter continues from the records at the last digest",
		zap.String("dataset", e.Position.Dataset), zap.Int("changed_meanwhile", len(b.Changes)), zap.Bool("unknown", b.Unknown))
	return nil
}

// abandonOpen ends the unfinished digests, as nobody knows who received them.
func (n *Newsletter) abandonOpen(ctx context.Context, l ledger, h history) error {
	for _, s := range h.all {
		if s.Completed.IsZero() {
			if err := l.abandonDigest(ctx, s, n.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// abandonDigest ends a digest whose recipients are uncertain. It is never sent
// again. If it waits for approval, nobody received it, and its changes go into
// the next.
func (l ledger) abandonDigest(ctx context.Context, s Sent, now time.Time) error {
	if s.Waits() {
		err := l.cancelDigest(ctx, s)
		if errors.Is(err, ErrNothingWaits) {
			err = nil
		}
		return err
	}
	s.Counts = Counts{Sent: s.Sent, Refused: s.Refused, Late: s.Late}
	s.Uncertain = max(s.Recipients-s.handledCount(), 0)
	return l.completeDigest(ctx, s, now)
}

// compareRecords fills a base with the differences between the records of the
// last digest and those of an edition.
func (n *Newsletter) compareRecords(ctx context.Context, l ledger, h history, e publishers.Edition, b *ledgerBase) error {
	kept, err := n.readPending() // of the previous stream, if the folder is older than the present one
	if err != nil || kept.Position.Epoch == e.Position.Epoch && e.Position.Epoch != "" || kept.Base != h.base.Epoch || kept.From != h.lastEnd() {
		kept = draft.NewPending(0)
	}
	if kept.Position.StateDigest == e.Position.StateDigest {
		for _, entry := range kept.Entries { // exactly the changes of the next digest
			b.Changes = append(b.Changes, entry.Changes...)
			b.Bulk = draft.AddTallies(b.Bulk, entry.Bulk)
		}
		return nil
	}
	last, ok := h.lastCompleted()
	if !ok {
		b.Unknown = true
		return nil
	}
	digests, ok, err := l.readRecords(ctx, last)
	if err != nil || !ok {
		b.Unknown = true
		return err
	}
	b.Changes = recordDifferences(digests, e.State, firstBefore(kept), e.Manifest.DefaultLanguage())
	if len(b.Changes) > maxCompared {
		b.Changes, b.Bulk = nil, story.Count(b.Changes)
	}
	return nil
}

// maxCompared is the number of changed records up to which they are listed one
// by one.
const maxCompared = 500

// firstBefore returns the records before the changes of a pending.
func firstBefore(p draft.Pending) map[schema.RecordID]schema.Record {
	before := make(map[schema.RecordID]schema.Record)
	seen := make(map[schema.RecordID]bool)
	for _, c := range p.AllChanges() {
		if r, ok := c.Before(); ok && !seen[c.RecordID()] {
			before[c.RecordID()] = r
		}
		seen[c.RecordID()] = true
	}
	return before
}

// recordDifferences returns the changes from records with known digests, and
// some known contents, to a state.
func recordDifferences(digests map[schema.RecordID]string, now *schema.State, before map[schema.RecordID]schema.Record, language string) []*event.Change {
	var all []*event.Change
	for r := range now.All() {
		digest, known := digests[r.ID]
		if known && digest == shortDigest(r.Digest) {
			continue
		}
		c := &event.Change{Collection: r.ID.Collection, ID: r.ID.ID, Op: event.Created, Significance: event.Minor, Record: r.JSON, Digest: &r.Digest}
		if known {
			old := before[r.ID]
			if old.JSON == nil || shortDigest(old.Digest) != digest {
				old = schema.Record{JSON: r.JSON, Digest: unknownDigest} // changed in an unknown way
			}
			c.Op, c.Previous, c.PreviousDigest = event.Updated, old.JSON, &old.Digest
		}
		all = append(all, c)
	}
	for id := range digests {
		if !now.Stored(id).IsZero() {
			continue
		}
		old := before[id]
		if old.JSON == nil {
			name, _ := json.Marshal(map[string]any{"id": id.ID, "name": map[string]string{language: id.ID}}) // cannot fail
			old = schema.Record{JSON: name, Digest: unknownDigest}
		}
		all = append(all, &event.Change{Collection: id.Collection, ID: id.ID, Op: event.Removed, Significance: event.Major, Previous: old.JSON, PreviousDigest: &old.Digest})
	}
	slices.SortFunc(all, func(a, b *event.Change) int { return cmp.Compare(a.RecordID().String(), b.RecordID().String()) })
	return all
}

// unknownDigest is the digest of a record with unknown content.
const unknownDigest schema.Digest = "sha256:unknown"
