package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/publishers/delivery"
	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// A Source is the input to a backup.
type Source struct {
	Conn       *nats.Conn
	JetStream  jetstream.JetStream
	Dataset    string // "" means the only one of the broker
	Program    string // version of netsync
	Recipients []age.Recipient
	Images     bool // include the bucket of images, which Git has, too
	Now        func() time.Time
}

// kvStream is the stream behind a key-value bucket.
func kvStream(bucket string) string { return "KV_" + bucket }

// streamsOf returns the streams of a dataset in backup order.
//
// A stream refers only to later ones. The subscribers precede the ledger: if a
// recipient has a digest, it is in the ledger, and so can be reported as
// unfinished. All refer to messages of the dataset's stream, and that to
// images.
func streamsOf(dataset string, images bool) []string {
	all := []string{
		kvStream(subscribers.Bucket(dataset)), kvStream(newsletter.Bucket(dataset)), kvStream(delivery.Bucket(dataset)),
		stream.Name(dataset),
	}
	if images {
		all = append(all, stream.AssetStream(dataset))
	}
	return all
}

// write writes an archive of a dataset.
func (s Source) write(ctx context.Context, out io.Writer) (m Manifest, err error) {
	reader, err := stream.Open(ctx, s.JetStream, s.Dataset)
	if err != nil {
		return m, err
	}
	m.Header = Header{Format: Format, Program: s.Program, Dataset: reader.Dataset(), Began: s.Now().UTC()}
	if m.Ledger, err = s.lastOf(ctx, kvStream(newsletter.Bucket(m.Dataset))); err != nil {
		return m, err
	}
	w, err := newWriter(out, s.Recipients, m.Began)
	if err != nil {
		return m, err
	}
	if err := w.writeJSON(headerName, m.Header); err != nil {
		return m, err
	}
	for _, name := range streamsOf(m.Dataset, s.Images) {
		made, err := s.add(ctx, w, name)
		if errors.Is(err, errNoStream) && name != stream.Name(m.Dataset) {
			continue
		}
		if err != nil {
			return m, fmt.Errorf("take a snapshot of %s: %w", name, err)
		}
		m.Streams = append(m.Streams, made)
		if name == stream.Name(m.Dataset) {
			m.Sequence = event.Seq(made.Last)
		}
	}
	m.Epoch, m.Ended = reader.Epoch(), s.Now().UTC()
	if err := m.readPosition(ctx, reader); err != nil {
		return m, err
	}
	return m, errors.Join(w.writeJSON(manifestName, m), w.Close())
}

// add adds a stream to an archive.
func (s Source) add(ctx context.Context, w *writer, name string) (Stream, error) {
	made := Stream{Name: name}
	var p *parts
	err := takeSnapshot(ctx, s.Conn, name, func(of setup) (out io.Writer, err error) {
		var state struct {
			Messages uint64 `json:"messages"`
			Last     uint64 `json:"last_seq"`
		}
		if err := json.Unmarshal(of.State, &state); err != nil {
			return nil, fmt.Errorf("read its state: %w", err)
		}
		made.Messages, made.Last = state.Messages, state.Last
		p, err = w.addStream(name, of)
		return p, err
	})
	if err != nil {
		return made, err
	}
	err = p.flush()
	made.Bytes, made.SHA256 = p.size, p.hexDigest()
	return made, err
}

// lastOf returns the last sequence number of a stream, or 0.
func (s Source) lastOf(ctx context.Context, name string) (uint64, error) {
	found, err := s.JetStream.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at %s: %w", name, err)
	}
	return found.CachedInfo().State.LastSeq, nil
}

// readPosition finds the last changeset of the snapshot.
func (m *Manifest) readPosition(ctx context.Context, reader *stream.Reader) error {
	for seq := event.Seq(0); ; {
		if seq == 0 { // usually nothing was published meanwhile
			last, ok, err := reader.LastChangeset(ctx)
			if err != nil || !ok {
				return err
			}
			if last.Seq <= m.Sequence {
				m.Changeset, m.StateDigest = last.Changeset.ID, last.Changeset.StateDigest
				return nil
			}
		}
		next, ok, err := reader.ChangesetAfter(ctx, seq)
		if err != nil || !ok || next.Seq > m.Sequence {
			return err
		}
		seq, m.Changeset, m.StateDigest = next.Seq, next.Changeset.ID, next.Changeset.StateDigest
	}
}

// Create stores a backup in a place under a name or, if empty, one made of the
// time. It also stores the list of erased subscribers.
func (s Source) Create(ctx context.Context, p Place, name string) (m Manifest, kept Kept, err error) {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Dataset == "" {
		reader, err := stream.Open(ctx, s.JetStream, "")
		if err != nil {
			return m, kept, err
		}
		s.Dataset = reader.Dataset()
	}
	if name == "" {
		name = nameOf(s.Dataset, s.Now(), len(s.Recipients) > 0)
	}
	if err := KeepErased(ctx, s.JetStream, p, s.Dataset); err != nil {
		return m, kept, err
	}
	kept, err = p.Put(ctx, name, func(w io.Writer) error {
		var err error
		m, err = s.write(ctx, w)
		return err
	})
	return m, kept, err
}
