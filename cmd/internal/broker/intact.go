package broker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A DamagedError says that the store holds a stream that the server could not
// read. It leaves such a stream out, logs that, and goes on as if there had
// never been one.
type DamagedError struct {
	StoreDir string
	Stream   string
	Backups  string // where backups are; "" if there are none
}

// Error names the folder of that one stream, and what brings it back.
func (e *DamagedError) Error() string {
	text := fmt.Sprintf("the broker cannot read the stream %s in its store %s: the files are damaged; move its folder %s away, and no other, ",
		e.Stream, e.StoreDir, filepath.Join(streamsFolder(e.StoreDir), e.Stream))
	restore := ""
	if e.Backups != "" {
		restore = fmt.Sprintf("netsync restore, with --only %s and the newest backup in %s, ", e.Stream, e.Backups)
	}
	switch {
	case strings.HasPrefix(e.Stream, objectStore):
		return text + "and start again: Git has every image, and the worker puts them back"
	case strings.HasPrefix(e.Stream, keyValueStore) && restore != "":
		return text + "and bring back what it held by " + restore + "before you start again: Git does not have it"
	case strings.HasPrefix(e.Stream, keyValueStore):
		return text + "and start again; what it held, Git does not have: keep the folder, and see backup.to"
	case restore != "":
		return text + "and either bring it back by " + restore + "or start again: Git has everything, and netsync builds the stream and every channel from it again"
	}
	return text + "and start again: Git has everything, and netsync builds the stream and every channel from it again"
}

// objectStore begins the names of streams that are buckets of an object store.
const objectStore = "OBJ_"

// keyValueStore begins the names of streams that are key-value buckets.
const keyValueStore = "KV_"

// streamsFolder is where the server keeps the owner's streams.
func streamsFolder(store string) string {
	return filepath.Join(store, "jetstream", "NETSYNC", "streams")
}

// streamsLimit is how long the server may take to list its streams.
const streamsLimit = 10 * time.Second

// checkStreams holds the streams that the server serves against the folders
// in the store.
func (b *Broker) checkStreams(store string) error {
	streams := streamsFolder(store)
	folders, err := os.ReadDir(streams)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the broker's store: %w", err)
	}
	served, err := b.listStreams()
	if err != nil {
		return fmt.Errorf("list the broker's streams: %w", err)
	}
	for _, folder := range folders {
		if !folder.IsDir() || slices.Contains(served, folder.Name()) {
			continue
		}
		// A process that was killed while it made a stream leaves a folder
		// without messages: nothing is lost, and the stream is made again.
		blocks, err := filepath.Glob(filepath.Join(streams, folder.Name(), "msgs", "*.blk"))
		if err != nil || len(blocks) > 0 {
			return &DamagedError{StoreDir: store, Stream: folder.Name(), Backups: b.backups}
		}
	}
	return nil
}

func (b *Broker) listStreams() ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), streamsLimit)
	defer cancel()
	nc, err := b.Connect()
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	names := js.StreamNames(ctx)
	var all []string
	for name := range names.Name() {
		all = append(all, name)
	}
	return all, names.Err()
}
