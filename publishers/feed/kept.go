package feed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// keptFile holds a kept in JSON, for this package alone.
const keptFile = "kept.json"

// keptFormat changes when feeds that are made now differ from those that were
// made before from the same events.
const keptFormat = 3

// kept is what a release has to know of itself to go on: its items are in its
// feeds.
type kept struct {
	Format   int            `json:"format"`
	Position event.Position `json:"position"`
	// Settings are what the items were made with, beside the events.
	Settings schema.Digest `json:"settings"`
	// Languages are those of the feeds, the default one first.
	Languages []string `json:"languages"`
	// Frame is what all feeds say of themselves alike.
	Frame schema.Digest `json:"frame"`
}

// errLost says that the feeds cannot go on from what is there, and are to be
// made anew.
var errLost = errors.New("the feeds are not what was written, or were made with other settings; they are to be made anew")

// shown reads what the current release says of itself.
func (f *Feed) shown() (kept, error) {
	position, err := publishers.ReadPosition(f.dir.ReadFile)
	if err != nil {
		return kept{}, err
	}
	data, err := f.dir.ReadFile(keptFile)
	if errors.Is(err, fs.ErrNotExist) {
		return kept{}, errLost
	}
	if err != nil {
		return kept{}, fmt.Errorf("read %s: %w", keptFile, err)
	}
	var k kept
	if json.Unmarshal(data, &k) != nil || k.Format != keptFormat || k.Position != position || k.Settings != f.settings() {
		return kept{}, errLost
	}
	return k, nil
}

// settings is the digest of all that the feeds depend on beside the events.
func (f *Feed) settings() schema.Digest {
	data, err := json.Marshal([]any{f.BaseURL, f.Items, f.Least, f.Hub})
	if err != nil {
		panic(err) // there is nothing in it that cannot be encoded
	}
	return schema.DigestOf(data)
}

func (k kept) encode() ([]byte, error) {
	data, err := json.MarshalIndent(k, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", keptFile, err)
	}
	return append(data, '\n'), nil
}
