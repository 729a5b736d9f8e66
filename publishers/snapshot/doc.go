// Package snapshot is a dataset as the website's data files hold it, and how a
// copy of them goes on from one changeset to the next: a snapshot and the
// deltas behind it give the next snapshot, byte for byte, and digests say so at
// every step.
package snapshot

import (
	"netsync/schema"
	"netsync/schema/event"
)

// Where things lie, below the folder of data files.
const (
	ManifestFile = "manifest.json"
	Folder       = "changes"
	LogFile      = Folder + "/index.json"
)

// Large is how many records of a collection one file holds; more come in parts.
const Large = 5000

// A Point is a place in a dataset's history at which there may be a snapshot.
type Point struct {
	Changeset      string        `json:"changeset"`
	Sequence       event.Seq     `json:"sequence"` // of the changeset event
	StateDigest    schema.Digest `json:"state_digest"`
	ManifestDigest schema.Digest `json:"manifest_digest"`
}
