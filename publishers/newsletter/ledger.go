package newsletter

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
	"netsync/schema/stream"
)

// A ledger records what was sent, in a key-value bucket beside the dataset's
// stream:
//
//	digest.<from>          a digest, by the changeset after which it begins
//	content.<from>.<id>    the content of its messages
//	sent.<from>.<hash>     the claim of one recipient's message, or its result
//	run.<digest>.<id>      the claims that were open at the end of a process
//	slot                   the last handled time of the schedule
//	note                   an editor's note on top of the next digest
//	base                   where it continues after the stream was created again
//	records.<to>.<part>    the records at the last digest
//	hold                   no digest is sent before one is approved
//
// Actions that must happen once create a key that cannot be created twice; the
// broker's leader decides. Reads may be slightly stale, which only leads to a
// refused creation.
type ledger struct {
	dataset string
	bucket  *stream.Bucket
}

// Bucket returns the name of the bucket of a dataset's ledger.
func Bucket(dataset string) string { return "netsync-" + dataset + "-newsletter" }

// findLedger opens a ledger; ok is false if there is none.
func (n *Newsletter) findLedger(ctx context.Context, dataset string) (l ledger, ok bool, err error) {
	if n.JetStream == nil {
		return ledger{}, false, nil
	}
	bucket, err := stream.FindBucket(ctx, n.JetStream, Bucket(dataset))
	if errors.Is(err, stream.ErrNoBucket) {
		return ledger{}, false, nil
	}
	return ledger{dataset, bucket}, err == nil, err
}

// openLedger opens a ledger, creating it if needed.
func openLedger(ctx context.Context, js jetstream.JetStream, dataset string) (ledger, error) {
	bucket, err := stream.OpenBucket(ctx, js, dataset, Bucket(dataset), "Digests of the dataset "+dataset+" that were sent")
	return ledger{dataset, bucket}, err
}

// slot is the value of slotKey.
type slot struct {
	Due time.Time `json:"due"`
}

const slotKey = "slot"

// lastSlot returns the last time of the schedule that was handled without a
// digest, because nothing had changed.
func (l ledger) lastSlot(ctx context.Context) (s slot, revision uint64, err error) {
	return stream.Read[slot](ctx, l.bucket, slotKey)
}

// recordSlot records that a time of the schedule was handled. If another
// process records one at the same time, either is sufficient.
func (l ledger) recordSlot(ctx context.Context, due time.Time) error {
	last, revision, err := l.lastSlot(ctx)
	if err != nil || !due.After(last.Due) {
		return err
	}
	return ignoreConflict(stream.Write(ctx, l.bucket, slotKey, slot{due.UTC()}, revision))
}

// ignoreConflict returns nil if another process wrote first, and err otherwise.
func ignoreConflict(err error) error {
	if errors.Is(err, stream.ErrConflict) {
		return nil
	}
	return err
}

// history holds all digests of a ledger by start, and its base.
type history struct {
	all    []Sent
	base   ledgerBase
	isHeld bool // no digest is sent before one is approved
}

// isCurrent reports whether a digest's sequence numbers are of the present
// stream.
func (h history) isCurrent(s Sent) bool { return s.Base == h.base.Epoch }

// lastEnd returns the end of the last completed digest; 0 before the first.
func (h history) lastEnd() event.Seq {
	end := h.base.startSequence()
	for _, s := range h.all {
		if !s.Completed.IsZero() && h.isCurrent(s) {
			end = max(end, s.To)
		}
	}
	return end
}

// openDigest returns the digest that was begun and is not completed.
func (h history) openDigest() (Sent, bool) {
	for _, s := range h.all {
		if s.Completed.IsZero() && h.isCurrent(s) && s.From >= h.lastEnd() {
			return s, true
		}
	}
	return Sent{}, false
}

// latestDigest returns the digest of the present stream with the highest end.
func (h history) latestDigest() (last Sent, ok bool) {
	for _, s := range h.all {
		if h.isCurrent(s) && (!ok || s.To >= last.To) {
			last, ok = s, true
		}
	}
	return last, ok
}

// lastCompleted returns the completed digest of the present stream with the
// highest end.
func (h history) lastCompleted() (last Sent, ok bool) {
	for _, s := range h.all {
		if h.isCurrent(s) && !s.Completed.IsZero() && (!ok || s.To >= last.To) {
			last, ok = s, true
		}
	}
	return last, ok
}

// openEnd returns the end of the open digest, or 0 if there is none.
func (h history) openEnd() event.Seq {
	s, _ := h.openDigest()
	return s.To
}

// lastSlot returns the last time of the schedule with a digest.
func (h history) lastSlot() time.Time {
	var last time.Time
	for _, s := range h.all {
		if s.Slot.After(last) {
			last = s.Slot
		}
	}
	return last
}
