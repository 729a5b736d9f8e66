package newsletter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	kv      jetstream.KeyValue
}

// Bucket returns the name of the bucket that holds a dataset's ledger.
func Bucket(dataset string) string { return "netsync-" + dataset + "-newsletter" }

// findLedger opens a ledger; ok is false where nothing was ever sent.
func (n *Newsletter) findLedger(ctx context.Context, dataset string) (l ledger, ok bool, err error) {
	if n.JetStream == nil {
		return ledger{}, false, nil
	}
	kv, err := n.JetStream.KeyValue(ctx, Bucket(dataset))
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return ledger{}, false, nil
	}
	if err != nil {
		return ledger{}, false, fmt.Errorf("open ledger %s: %w", Bucket(dataset), err)
	}
	return ledger{dataset, kv}, true, nil
}

// openLedger opens a ledger, making it where there is none.
func openLedger(ctx context.Context, js jetstream.JetStream, dataset string) (ledger, error) {
	kv, err := js.KeyValue(ctx, Bucket(dataset))
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = createLedger(ctx, js, dataset)
	}
	if err != nil {
		return ledger{}, fmt.Errorf("open ledger %s: %w", Bucket(dataset), err)
	}
	return ledger{dataset, kv}, nil
}

func createLedger(ctx context.Context, js jetstream.JetStream, dataset string) (jetstream.KeyValue, error) {
	replicas := 1
	if s, err := js.Stream(ctx, stream.Name(dataset)); err == nil {
		replicas = s.CachedInfo().Config.Replicas // it is worth as much
	}
	kv, err := js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket:      Bucket(dataset),
		Description: "Digests of the dataset " + dataset + " that were sent",
		Storage:     jetstream.FileStorage,
		History:     1,
		Replicas:    replicas,
	})
	if errors.Is(err, jetstream.ErrBucketExists) {
		return js.KeyValue(ctx, Bucket(dataset))
	}
	return kv, err
}

// each calls do for every key that fits a pattern.
func (l ledger) each(ctx context.Context, pattern string, do func(jetstream.KeyValueEntry) error) error {
	w, err := l.kv.Watch(ctx, pattern, jetstream.IgnoreDeletes())
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	defer func() { _ = w.Stop() }() // it ends with the connection at the latest
	for {
		select {
		case e, ok := <-w.Updates():
			if !ok {
				return errors.New("read ledger: the connection was closed")
			}
			if e == nil { // that was all
				return nil
			}
			if err := do(e); err != nil {
				return err
			}
		case <-ctx.Done():
			return fmt.Errorf("read ledger: %w", ctx.Err())
		}
	}
}

// put creates a key: it fails with jetstream.ErrKeyExists where it is there.
func (l ledger) put(ctx context.Context, key string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", key, err)
	}
	if _, err := l.kv.Create(ctx, key, data); err != nil {
		return fmt.Errorf("write to ledger: %w", err)
	}
	return nil
}

// isConflict reports that another process wrote first.
func isConflict(err error) bool {
	return errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch)
}

// slot is the value of the key of that name.
type slot struct {
	Due time.Time `json:"due"`
}

const slotKey = "slot"

// lastSlot returns the last time of the schedule that was dealt with without
// a digest: there was nothing to send.
func (l ledger) lastSlot(ctx context.Context) (s slot, revision uint64, err error) {
	e, err := l.kv.Get(ctx, slotKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return slot{}, 0, nil
	}
	if err != nil {
		return slot{}, 0, fmt.Errorf("read ledger: %w", err)
	}
	if err := json.Unmarshal(e.Value(), &s); err != nil {
		return slot{}, 0, fmt.Errorf("read ledger: %s: %w", slotKey, err)
	}
	return s, e.Revision(), nil
}

// passSlot notes that a time of the schedule was dealt with. Another process
// that notes a time just now wins: one of the two is as good as the other.
func (l ledger) passSlot(ctx context.Context, due time.Time) error {
	last, revision, err := l.lastSlot(ctx)
	if err != nil || !due.After(last.Due) {
		return err
	}
	data, err := json.Marshal(slot{due.UTC()})
	if err != nil {
		return fmt.Errorf("encode %s: %w", slotKey, err)
	}
	_, err = l.kv.Update(ctx, slotKey, data, revision)
	if err != nil && !isConflict(err) {
		return fmt.Errorf("write to ledger: %w", err)
	}
	return nil
}

// history is all digests of a ledger by where they begin, and where it goes on
// since the stream was made again.
type history struct {
	all  []Sent
	base base
	held bool // no digest goes out before somebody approves one
}

// counts reports whether a digest's numbers are of the present stream.
func (h history) counts(s Sent) bool { return s.Base == h.base.Epoch }

// end returns where the last finished digest ended; 0 before the first.
func (h history) end() event.Seq {
	end := h.base.from()
	for _, s := range h.all {
		if !s.Completed.IsZero() && h.counts(s) {
			end = max(end, s.To)
		}
	}
	return end
}

// open returns the digest that was begun and is not finished.
func (h history) open() (Sent, bool) {
	for _, s := range h.all {
		if s.Completed.IsZero() && h.counts(s) && s.From >= h.end() {
			return s, true
		}
	}
	return Sent{}, false
}

// last returns the digest of the present stream that goes furthest.
func (h history) last() (last Sent, ok bool) {
	for _, s := range h.all {
		if h.counts(s) && (!ok || s.To >= last.To) {
			last, ok = s, true
		}
	}
	return last, ok
}

// lastDone returns the finished digest of the present stream that goes furthest.
func (h history) lastDone() (last Sent, ok bool) {
	for _, s := range h.all {
		if h.counts(s) && !s.Completed.IsZero() && (!ok || s.To >= last.To) {
			last, ok = s, true
		}
	}
	return last, ok
}

// cut is where the digest ends that is under way; 0 where none is.
func (h history) cut() event.Seq {
	s, _ := h.open()
	return s.To
}

// slot returns the last time of the schedule that a digest was sent for.
func (h history) slot() time.Time {
	var last time.Time
	for _, s := range h.all {
		if s.Slot.After(last) {
			last = s.Slot
		}
	}
	return last
}
