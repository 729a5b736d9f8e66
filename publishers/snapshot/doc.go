// Package snapshot reads, writes and updates the website's data files of a dataset: a snapshot
// and the deltas after it give the next snapshot, byte for byte, and digests prove it at every
// step.
package snapshot

import (
	"netsync/schema"
	"netsync/schema/event"
)

// Names below the folder of data files.
const (
	ManifestFile = "manifest.json"
	Folder       = "changes"
	LogFile      = Folder + "/index.json"
)

// Large is the maximum number of records of a collection in one file; more are in parts.
const Large = 5000

// A Point is a point in a dataset's history at which a snapshot may exist.
type Point struct {
	Changeset      string        `json:"changeset"`
	Sequence       event.Seq     `json:"sequence"` // of the changeset event
	StateDigest    schema.Digest `json:"state_digest"`
	ManifestDigest schema.Digest `json:"manifest_digest"`
}
