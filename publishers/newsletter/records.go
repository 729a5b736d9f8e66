package newsletter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// The ledger stores the records at the last digest, with the beginning of the
// digest of each:
//
//	records.<to>.<part>    lines "networks/leru 0123456789abcdef", compressed
//
// If the stream is created again, the next digest contains the differences.
const recordsPrefix = "records."

// recordsPart is the maximum size of a value in bytes.
const recordsPart = 512 << 10

// shortDigest returns the beginning of a record's digest.
func shortDigest(d schema.Digest) string {
	hex := d.Hex()
	return hex[:min(len(hex), 16)]
}

func recordsKey(s Sent, part int) string {
	return fmt.Sprintf("%s%s.%d", recordsPrefix, s.sequenceKey(s.To), part)
}

// keepRecords stores the records at a digest. It removes those of earlier
// digests except the last one, as this one may be cancelled.
func (n *Newsletter) keepRecords(ctx context.Context, l ledger, s Sent, h history) error {
	reader, err := n.openReaderOf(ctx, l.dataset)
	if err != nil {
		return err
	}
	state, err := stateAt(ctx, reader, s.To)
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	for _, r := range state.Sorted("") {
		fmt.Fprintf(&lines, "%s %s\n", r.ID, shortDigest(r.Digest))
	}
	data, err := compressData(lines.Bytes())
	if err != nil {
		return err
	}
	part := 0
	for chunk := range slices.Chunk(data, recordsPart) {
		if err := l.bucket.Put(ctx, recordsKey(s, part), chunk); err != nil {
			return err
		}
		part++
	}
	return l.removeOldRecords(ctx, s, h)
}

func (l ledger) removeOldRecords(ctx context.Context, s Sent, h history) error {
	keep := []string{recordsPrefix + s.sequenceKey(s.To) + "."}
	if last, ok := h.lastCompleted(); ok {
		keep = append(keep, recordsPrefix+last.sequenceKey(last.To)+".")
	}
	var old []string
	err := l.bucket.Each(ctx, recordsPrefix+">", func(e stream.Entry) error {
		if !slices.ContainsFunc(keep, func(prefix string) bool { return strings.HasPrefix(e.Key, prefix) }) {
			old = append(old, e.Key)
		}
		return nil
	})
	for _, key := range old {
		err = errors.Join(err, l.bucket.Remove(ctx, key))
	}
	return err
}

// readRecords reads the records at a digest; ok is false if they are unknown.
func (l ledger) readRecords(ctx context.Context, s Sent) (digests map[schema.RecordID]string, ok bool, err error) {
	var data []byte
	for part := 0; ; part++ {
		e, err := l.bucket.Get(ctx, recordsKey(s, part))
		if errors.Is(err, stream.ErrNoKey) {
			break
		}
		if err != nil {
			return nil, false, err
		}
		data = append(data, e.Value...)
	}
	if len(data) == 0 {
		return nil, false, nil
	}
	lines, err := decompressData(data)
	if err != nil {
		return nil, false, fmt.Errorf("read ledger: %s: %w", recordsKey(s, 0), err)
	}
	digests = make(map[schema.RecordID]string)
	for line := range strings.Lines(string(lines)) {
		name, digest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		id, err := schema.ParseRecordID(name)
		if err != nil {
			return nil, false, fmt.Errorf("read ledger: %s: %w", recordsKey(s, 0), err)
		}
		digests[id] = digest
	}
	return digests, true, nil
}

// stateAt returns the state of a stream at a changeset event. It is fast for
// the last one.
func stateAt(ctx context.Context, reader *stream.Reader, to event.Seq) (*schema.State, error) {
	m, ok, err := reader.LastChangeset(ctx)
	if err != nil {
		return nil, err
	}
	if ok && m.Seq == to {
		fold, _, err := reader.Latest(ctx)
		if err != nil || fold.Position.Sequence == to && len(fold.Pending()) == 0 {
			return &fold.State, err
		}
	}
	fold, err := reader.FoldUpTo(ctx, to)
	if err != nil {
		return nil, err
	}
	return &fold.State, nil
}
