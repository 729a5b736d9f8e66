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

// The ledger keeps which records the last digest told, and the beginning of the
// digest of each:
//
//	records.<to>.<part>    lines "networks/leru 0123456789abcdef", compressed
//
// Should the stream be made again, the next digest tells what differs.
const recordsPrefix = "records."

// recordsPart is how many bytes of them are in one value.
const recordsPart = 512 << 10

// shortDigest is the beginning of a record's digest.
func shortDigest(d schema.Digest) string {
	hex := d.Hex()
	return hex[:min(len(hex), 16)]
}

func recordsKey(s Sent, part int) string {
	return fmt.Sprintf("%s%s.%d", recordsPrefix, s.sequenceKey(s.To), part)
}

// keepRecords keeps the records that a digest tells of. What earlier digests kept
// goes, except for the last one: this one may be taken back.
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

// readRecords reads which records a digest told of; ok is false where that is not
// known.
func (l ledger) readRecords(ctx context.Context, s Sent) (told map[schema.RecordID]string, ok bool, err error) {
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
	told = make(map[schema.RecordID]string)
	for line := range strings.Lines(string(lines)) {
		name, digest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		id, err := schema.ParseRecordID(name)
		if err != nil {
			return nil, false, fmt.Errorf("read ledger: %s: %w", recordsKey(s, 0), err)
		}
		told[id] = digest
	}
	return told, true, nil
}

// stateAt folds a stream up to a changeset event: cheaply where it is the last.
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
