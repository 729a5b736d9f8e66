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

// metadataFile holds metadata in JSON. It is private to this package.
const metadataFile = "kept.json"

// metadataFormat is increased when the same events give other feeds than before.
const metadataFormat = 3

// metadata is the state that an update of a release needs, beside the items in
// its feeds.
type metadata struct {
	Format   int            `json:"format"`
	Position event.Position `json:"position"`
	// Settings is the digest of the settings that the items were rendered with.
	Settings schema.Digest `json:"settings"`
	// Languages are those of the feeds, the default one first.
	Languages []string `json:"languages"`
	// HeaderDigest is the digest of the header fields that all feeds share.
	HeaderDigest schema.Digest `json:"frame"`
}

// errNeedsRebuild is returned if the current release cannot be updated.
var errNeedsRebuild = errors.New("the feeds differ from what was written, or have other settings: they must be rebuilt")

// readMetadata reads the metadata of the current release. It returns
// errNeedsRebuild for a release of another format or other settings.
func (f *Feed) readMetadata() (metadata, error) {
	position, err := publishers.ReadPosition(f.dir.ReadFile)
	if err != nil {
		return metadata{}, err
	}
	data, err := f.dir.ReadFile(metadataFile)
	if errors.Is(err, fs.ErrNotExist) {
		return metadata{}, errNeedsRebuild
	}
	if err != nil {
		return metadata{}, fmt.Errorf("read %s: %w", metadataFile, err)
	}
	var m metadata
	if json.Unmarshal(data, &m) != nil || m.Format != metadataFormat || m.Position != position || m.Settings != f.settingsDigest() {
		return metadata{}, errNeedsRebuild
	}
	return m, nil
}

// settingsDigest returns the digest of the settings that the feeds depend on.
func (f *Feed) settingsDigest() schema.Digest {
	data, err := json.Marshal([]any{f.BaseURL, f.Items, f.Least, f.Hub})
	if err != nil {
		panic(err) // all values can be encoded
	}
	return schema.DigestOf(data)
}

func (m metadata) encode() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", metadataFile, err)
	}
	return append(data, '\n'), nil
}
