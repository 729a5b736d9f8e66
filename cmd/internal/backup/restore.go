package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/stream"
)

// A Target is the broker to restore to.
type Target struct {
	Conn       *nats.Conn
	JetStream  jetstream.JetStream
	Identities []age.Identity
	Replicas   int      // of the streams; 0 means 1
	Only       []string // names of streams; all if empty
	Now        func() time.Time
}

// Restored is the result of a restore.
type Restored struct {
	Manifest Manifest
	Epoch    stream.Epoch // of the dataset's stream now
	// UnderWay are the digests that were being sent during the backup.
	UnderWay []newsletter.Sent
	// Erased is the number of subscribers not restored because they left after
	// the backup; -1 if the place has no list of them.
	Erased int
}

// An ExistsError reports that the broker already has a stream of the dataset.
type ExistsError struct{ Stream string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("the broker already has the stream %s: a restore replaces nothing; restore into an empty data_dir, "+
		"or move away the folder of that stream alone and restore it with --only %s", e.Stream, e.Stream)
}

// Verify reads a whole archive and compares it with its manifest.
func Verify(ctx context.Context, p Place, name string, identities []age.Identity) (Manifest, error) {
	return readFrom(ctx, p, name, identities, nil)
}

func readFrom(ctx context.Context, p Place, name string, identities []age.Identity, visit visitor) (m Manifest, err error) {
	file, err := p.Get(ctx, name)
	if err != nil {
		return m, err
	}
	defer file.Close()
	if m, err = read(file, identities, visit); err != nil {
		return m, fmt.Errorf("read the backup %s: %w", name, err)
	}
	return m, nil
}

// Restore creates the streams of an archive. The dataset's stream gets a new
// epoch. Until Commit, each stream's metadata marks an unfinished restore, and
// nothing uses the dataset's. Restoring again replaces an interrupted restore.
// The error is an *ExistsError if the broker has a stream already.
func (t Target) Restore(ctx context.Context, p Place, name string) (r Restored, err error) {
	if t.Now == nil {
		t.Now = time.Now
	}
	if r.Manifest, err = Verify(ctx, p, name, t.Identities); err != nil {
		return r, err
	}
	m := r.Manifest
	for _, only := range t.Only {
		if !slices.ContainsFunc(m.Streams, func(s Stream) bool { return s.Name == only }) {
			return r, fmt.Errorf("the backup has no stream %s; it has %s", only, strings.Join(m.streamNames(), ", "))
		}
	}
	// Read the list of erased subscribers before restoring any.
	gone, known, err := readErased(ctx, p, m.Dataset)
	if err != nil {
		return r, err
	}
	if err := t.removeLeftovers(ctx, m); err != nil {
		return r, err
	}
	r.Epoch = m.Epoch.After(t.Now(), m.Sequence)
	_, err = readFrom(ctx, p, name, t.Identities, func(name string, s setup, snapshot io.Reader) error {
		if !t.includesStream(name) {
			return nil
		}
		if err := t.put(ctx, name, s, snapshot, r); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	if r.Erased, err = t.eraseSubscribers(ctx, m.Dataset, gone, known); err != nil {
		return r, err
	}
	restore := newsletter.Restore{Dataset: m.Dataset, Ledger: m.Ledger, From: m.Began, Now: t.Now()}
	if r.UnderWay, err = restore.Finish(ctx, t.JetStream); err != nil {
		return r, err
	}
	return r, nil
}

func (m Manifest) streamNames() []string {
	var names []string
	for _, s := range m.Streams {
		names = append(names, s.Name)
	}
	return names
}

func (t Target) includesStream(s string) bool { return len(t.Only) == 0 || slices.Contains(t.Only, s) }

// removeLeftovers removes the streams of an interrupted restore, and fails if
// there are others.
func (t Target) removeLeftovers(ctx context.Context, m Manifest) error {
	var unfinished []string
	for _, name := range m.streamNames() {
		if !t.includesStream(name) {
			continue
		}
		found, err := t.JetStream.Stream(ctx, name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at %s: %w", name, err)
		}
		if !stream.IsRestoring(found.CachedInfo().Config) {
			return &ExistsError{name}
		}
		unfinished = append(unfinished, name)
	}
	for _, name := range unfinished {
		if err := t.JetStream.DeleteStream(ctx, name); err != nil {
			return fmt.Errorf("remove %s, which a restore left unfinished: %w", name, err)
		}
	}
	return nil
}

// serverMeta is the prefix of the metadata keys that a server adds.
const serverMeta = "_nats."

// put restores one stream.
func (t Target) put(ctx context.Context, name string, s setup, snapshot io.Reader, r Restored) error {
	var config map[string]json.RawMessage
	if err := json.Unmarshal(s.Config, &config); err != nil {
		return damageError("how it was set up: %v", err)
	}
	meta := make(map[string]string)
	if config["metadata"] != nil {
		if err := json.Unmarshal(config["metadata"], &meta); err != nil {
			return damageError("how it was set up: %v", err)
		}
	}
	maps.DeleteFunc(meta, func(key, _ string) bool { return strings.HasPrefix(key, serverMeta) })
	if name == stream.Name(r.Manifest.Dataset) {
		maps.Copy(meta, r.Epoch.Metadata())
	}
	stream.SetRestoring(meta, true)
	for key, value := range map[string]any{"metadata": meta, "num_replicas": max(t.Replicas, 1)} {
		data, err := json.Marshal(value)
		if err != nil {
			return err
		}
		config[key] = data
	}
	var err error
	if s.Config, err = json.Marshal(config); err != nil {
		return err
	}
	return putSnapshot(ctx, t.Conn, name, s, snapshot)
}

// eraseSubscribers removes the subscribers who left after the backup.
func (t Target) eraseSubscribers(ctx context.Context, dataset string, gone erasedList, known bool) (int, error) {
	list, ok, err := subscribers.Find(ctx, t.JetStream, dataset)
	switch {
	case err != nil:
		return 0, err
	case !ok:
		return 0, nil
	case !known:
		return -1, nil
	}
	return list.Erase(ctx, gone.Erased)
}

// Commit ends a restore, once its data is safe on disk. It clears the mark of
// an unfinished restore, first of the dataset's stream: then the others' have
// no effect.
func (t Target) Commit(ctx context.Context, m Manifest) error {
	names := m.streamNames()
	slices.SortStableFunc(names, func(a, b string) int {
		return restoreOrder(a, m.Dataset) - restoreOrder(b, m.Dataset)
	})
	for _, name := range names {
		if !t.includesStream(name) {
			continue
		}
		found, err := t.JetStream.Stream(ctx, name)
		if err != nil {
			return fmt.Errorf("finish the restore of %s: %w", name, err)
		}
		config := found.CachedInfo().Config
		config.Metadata = maps.Clone(config.Metadata)
		stream.SetRestoring(config.Metadata, false)
		if _, err := t.JetStream.UpdateStream(ctx, config); err != nil {
			return fmt.Errorf("finish the restore of %s: %w", name, err)
		}
	}
	return nil
}

func restoreOrder(name, dataset string) int {
	if name == stream.Name(dataset) {
		return 0
	}
	return 1
}
