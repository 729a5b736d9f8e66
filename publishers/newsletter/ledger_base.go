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
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
	"netsync/schema/stream"
)

// A readBase is where a ledger goes on after the dataset's stream was made again.
// What the new stream calls new is not: the base holds what differs from the
// records as the last digest told them, and stands in digests for all that the
// new stream says up to the changeset event At.
//
// The zero base is that of a ledger whose stream was never made again.
type ledgerBase struct {
	Epoch   string          `json:"epoch"` // of the stream that the ledger goes on with
	At      event.Seq       `json:"at"`
	Made    time.Time       `json:"made"`
	Changes []*event.Change `json:"changes,omitempty"`
	Bulk    story.Tally     `json:"bulk,omitempty"` // changes that are only counted
	// Unknown says that nothing is known of the records that the last digest
	// told: what changed while there was no stream is in no digest.
	Unknown bool `json:"unknown,omitempty"`
}

const baseKey = "base"

// startSequence is where the first digest after the base begins.
func (b ledgerBase) startSequence() event.Seq {
	if b.Epoch == "" {
		return 0
	}
	return b.At - 1
}

// adjustEntry returns what counts as the changes of a changeset; ok is false for one
// that the base stands for.
func (b ledgerBase) adjustEntry(e entry, changes []*event.Change) (entry, []*event.Change, bool) {
	switch {
	case b.Epoch == "" || e.Sequence > b.At:
		return e, changes, true
	case e.Sequence < b.At:
		return e, nil, false
	}
	e.Bulk = addTallies(e.Bulk, b.Bulk)
	return e, b.Changes, true
}

// readBase reads where the ledger goes on, and the revision that a change must name.
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

// setBase makes a ledger go on from a base, unless another process was first.
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

// maxDecompressed bounds what is read back.
const maxDecompressed = 256 << 20

func decompressData(data []byte) ([]byte, error) {
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	return io.ReadAll(io.LimitReader(zip, maxDecompressed))
}

// isAhead reports whether the ledger counts in another stream than the edition's.
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

// rebaseLedger has the ledger go on with a stream that was made again.
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
	n.Log.Warn("the stream was made again; the newsletter goes on from the records as the last digest told them",
		zap.String("dataset", e.Position.Dataset), zap.Int("changed_meanwhile", len(b.Changes)), zap.Bool("unknown", b.Unknown))
	return nil
}

// abandonOpen ends the digests that are under way: nobody knows who has them.
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

// abandonDigest ends a digest of which nobody knows who got it. It is never sent again.
// One that waits for approval went to nobody, and its changes go into the next.
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

// compareRecords fills a base with what differs between the records that the last
// digest told and those of an edition.
func (n *Newsletter) compareRecords(ctx context.Context, l ledger, h history, e publishers.Edition, b *ledgerBase) error {
	kept, err := n.readPending() // from the stream before, where the folder is older than the present one
	if err != nil || kept.Position.Epoch == e.Position.Epoch && e.Position.Epoch != "" || kept.Base != h.base.Epoch || kept.From != h.lastEnd() {
		kept = newPending(0)
	}
	if kept.Position.StateDigest == e.Position.StateDigest {
		for _, entry := range kept.Entries { // exactly what the next digest would have told
			b.Changes = append(b.Changes, entry.Changes...)
			b.Bulk = addTallies(b.Bulk, entry.Bulk)
		}
		return nil
	}
	last, ok := h.lastCompleted()
	if !ok {
		b.Unknown = true
		return nil
	}
	told, ok, err := l.readRecords(ctx, last)
	if err != nil || !ok {
		b.Unknown = true
		return err
	}
	b.Changes = recordDifferences(told, e.State, firstBefore(kept), e.Manifest.DefaultLanguage())
	if len(b.Changes) > maxCompared {
		b.Changes, b.Bulk = nil, story.Count(b.Changes)
	}
	return nil
}

// maxCompared is how many records are told one by one.
const maxCompared = 500

// firstBefore returns the records as they were before the changes of a pending.
func firstBefore(p pending) map[schema.RecordID]schema.Record {
	before := make(map[schema.RecordID]schema.Record)
	seen := make(map[schema.RecordID]bool)
	for _, c := range p.allChanges() {
		if r, ok := c.Before(); ok && !seen[c.RecordID()] {
			before[c.RecordID()] = r
		}
		seen[c.RecordID()] = true
	}
	return before
}

// recordDifferences are the changes from records of which the digests are known, and
// some contents, to a state.
func recordDifferences(told map[schema.RecordID]string, now *schema.State, before map[schema.RecordID]schema.Record, language string) []*event.Change {
	var all []*event.Change
	for r := range now.All() {
		digest, known := told[r.ID]
		if known && digest == shortDigest(r.Digest) {
			continue
		}
		c := &event.Change{Collection: r.ID.Collection, ID: r.ID.ID, Op: event.Created, Significance: event.Minor, Record: r.JSON, Digest: &r.Digest}
		if known {
			old := before[r.ID]
			if old.JSON == nil || shortDigest(old.Digest) != digest {
				old = schema.Record{JSON: r.JSON, Digest: unknownDigest} // it changed; how is not known
			}
			c.Op, c.Previous, c.PreviousDigest = event.Updated, old.JSON, &old.Digest
		}
		all = append(all, c)
	}
	for id := range told {
		if !now.Stored(id).IsZero() {
			continue
		}
		old := before[id]
		if old.JSON == nil {
			name, _ := json.Marshal(map[string]any{"id": id.ID, "name": map[string]string{language: id.ID}}) // it has a JSON form
			old = schema.Record{JSON: name, Digest: unknownDigest}
		}
		all = append(all, &event.Change{Collection: id.Collection, ID: id.ID, Op: event.Removed, Significance: event.Major, Previous: old.JSON, PreviousDigest: &old.Digest})
	}
	slices.SortFunc(all, func(a, b *event.Change) int { return cmp.Compare(a.RecordID().String(), b.RecordID().String()) })
	return all
}

// unknownDigest is that of a record whose content is not known.
const unknownDigest schema.Digest = "sha256:unknown"
