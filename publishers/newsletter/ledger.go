package newsletter

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
	"netsync/schema/stream"
)

// A ledger is what was sent, in a key-value bucket beside the dataset's
// stream:
//
//	digest.<from>          a digest, by the changeset that it begins after
//	content.<from>.<id>    what its messages say
//	sent.<from>.<hash>     the claim of one recipient's message, or what became of it
//	run.<digest>.<id>      what a process that sent had under way at its end
//	slot                   the last time of the schedule that was dealt with
//	note                   what an editor says on top of the next digest
//	base                   where it goes on since the stream was made again
//	records.<to>.<part>    which records the last digest told
//	hold                   no digest goes out before somebody approves one
//
// What must happen once is created under a key that cannot be created twice;
// the broker's leader decides. Reads may be a little behind, and nothing but a
// refused creation comes of that.
type ledger struct {
	dataset string
	bucket  *stream.Bucket
}

// Bucket returns the name of the bucket that holds a dataset's ledger.
func Bucket(dataset string) string { return "netsync-" + dataset + "-newsletter" }

// findLedger opens a ledger; ok is false where nothing was ever sent.
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

// lastSlot is the value of the key of that name.
type slot struct {
	Due time.Time `json:"due"`
}

const slotKey = "slot"

// lastSlot returns the last time of the schedule that was dealt with without
// a digest: there was nothing to send.
func (l ledger) lastSlot(ctx context.Context) (s slot, revision uint64, err error) {
	return stream.Read[slot](ctx, l.bucket, slotKey)
}

// recordSlot notes that a time of the schedule was dealt with. Another process
// that notes a time just now wins: one of the two is as good as the other.
func (l ledger) recordSlot(ctx context.Context, due time.Time) error {
	last, revision, err := l.lastSlot(ctx)
	if err != nil || !due.After(last.Due) {
		return err
	}
	return ignoreConflict(stream.Write(ctx, l.bucket, slotKey, slot{due.UTC()}, revision))
}

// ignoreConflict returns nil for a write that another process preceded.
func ignoreConflict(err error) error {
	if errors.Is(err, stream.ErrConflict) {
		return nil
	}
	return err
}

// history is all digests of a ledger by where they begin, and where it goes on
// since the stream was made again.
type history struct {
	all    []Sent
	base   ledgerBase
	isHeld bool // no digest goes out before somebody approves one
}

// isCurrent reports whether a digest's numbers are of the present stream.
func (h history) isCurrent(s Sent) bool { return s.Base == h.base.Epoch }

// lastEnd returns where the last finished digest ended; 0 before the first.
func (h history) lastEnd() event.Seq {
	end := h.base.startSequence()
	for _, s := range h.all {
		if !s.Completed.IsZero() && h.isCurrent(s) {
			end = max(end, s.To)
		}
	}
	return end
}

// openDigest returns the digest that was begun and is not finished.
func (h history) openDigest() (Sent, bool) {
	for _, s := range h.all {
		if s.Completed.IsZero() && h.isCurrent(s) && s.From >= h.lastEnd() {
			return s, true
		}
	}
	return Sent{}, false
}

// latestDigest returns the digest of the present stream that goes furthest.
func (h history) latestDigest() (last Sent, ok bool) {
	for _, s := range h.all {
		if h.isCurrent(s) && (!ok || s.To >= last.To) {
			last, ok = s, true
		}
	}
	return last, ok
}

// lastCompleted returns the finished digest of the present stream that goes furthest.
func (h history) lastCompleted() (last Sent, ok bool) {
	for _, s := range h.all {
		if h.isCurrent(s) && !s.Completed.IsZero() && (!ok || s.To >= last.To) {
			last, ok = s, true
		}
	}
	return last, ok
}

// openEnd is where the digest ends that is under way; 0 where none is.
func (h history) openEnd() event.Seq {
	s, _ := h.openDigest()
	return s.To
}

// lastSlot returns the last time of the schedule that a digest was sent for.
func (h history) lastSlot() time.Time {
	var last time.Time
	for _, s := range h.all {
		if s.Slot.After(last) {
			last = s.Slot
		}
	}
	return last
}
