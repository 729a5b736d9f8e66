package event

import (
	"encoding/json"
	"time"

	"netsync/schema"
)

// An Op is an operation on a record.
type Op string

// Operations. A record is restored if it was removed before.
const (
	Created  Op = "created"
	Updated  Op = "updated"
	Removed  Op = "removed"
	Restored Op = "restored"
)

// Ops lists the operations in the order of counts.
func Ops() []Op { return []Op{Created, Updated, Removed, Restored} }

// Type returns the event type of the operation.
func (o Op) Type() Type { return Type("netsync.record." + string(o)) }

// Significance is the importance of a change for readers.
type Significance string

// Significances, highest first.
const (
	Major   Significance = "major"
	Minor   Significance = "minor"
	Trivial Significance = "trivial"
)

// Significances lists the significances, highest first.
func Significances() []Significance { return []Significance{Major, Minor, Trivial} }

// A Change is the data of a record event.
type Change struct {
	Collection     schema.Collection `json:"collection"`
	ID             string            `json:"id"`
	Op             Op                `json:"op"`
	Digest         *schema.Digest    `json:"digest"`          // null when removed
	PreviousDigest *schema.Digest    `json:"previous_digest"` // null when created or restored
	Record         json.RawMessage   `json:"record"`          // canonical; null when removed
	Previous       json.RawMessage   `json:"previous"`        // canonical; null when created or restored
	// Patch turns Previous into Record (RFC 6902). It is empty if one of them
	// is null.
	Patch        json.RawMessage `json:"patch"`
	Significance Significance    `json:"significance"`
	Bulk         bool            `json:"bulk"`        // one of many: channels summarize them
	Republished  bool            `json:"republished"` // published again on request, unchanged
	Replaces     []string        `json:"replaces"`    // former ids of the record
	ReplacedBy   *string         `json:"replaced_by"` // the id that replaces a removed record
	// Commits are the commits that touched the record since the last changeset,
	// newest first; for a bulk import, only the newest.
	Commits []Commit `json:"commits"`
	// CommitsTotal is the number of commits if Commits is incomplete, else 0.
	CommitsTotal int    `json:"commits_total,omitempty"`
	Changeset    string `json:"changeset"`

	// Stored is the record as kept in memory by the producer. It is not part of
	// the event.
	Stored schema.Stored `json:"-"`
}

// RecordID returns the id of the changed record.
func (c *Change) RecordID() schema.RecordID {
	return schema.RecordID{Collection: c.Collection, ID: c.ID}
}

// After returns the record after the change; ok is false if it was removed.
func (c *Change) After() (r schema.Record, ok bool) { return c.decodeRecord(c.Record, c.Digest) }

// Before returns the record before the change; ok is false if there was none.
func (c *Change) Before() (r schema.Record, ok bool) {
	return c.decodeRecord(c.Previous, c.PreviousDigest)
}

func (c *Change) decodeRecord(data json.RawMessage, digest *schema.Digest) (schema.Record, bool) {
	if digest == nil || len(data) == 0 || string(data) == "null" {
		return schema.Record{}, false
	}
	return schema.Record{ID: c.RecordID(), JSON: data, Digest: *digest}, true
}

// A Commit is the public part of a Git commit.
type Commit struct {
	SHA     string    `json:"sha"`
	Author  string    `json:"author"`  // a name, without an address
	Time    time.Time `json:"time"`    // of the committer
	Subject string    `json:"subject"` // at most 300 characters
}

// A Changeset is the data of a changeset event, which follows all record events
// of the changeset in the stream.
type Changeset struct {
	// ID is "<commit>@<sequence>", with the stream's last sequence number when
	// the changeset was begun. It is unique.
	ID             string     `json:"changeset"`
	Commit         string     `json:"commit"`
	PreviousCommit *string    `json:"previous_commit"` // null on the first
	AsOf           string     `json:"as_of"`           // the day of derived states
	Counts         map[Op]int `json:"counts"`
	Events         int        `json:"events"`  // record events since the last changeset event
	Records        int        `json:"records"` // number of records in the state
	// StateDigest is the digest of the state after the changeset.
	StateDigest schema.Digest  `json:"state_digest"`
	Findings    FindingsCounts `json:"findings"`
	Bulk        bool           `json:"bulk"`
	// Manifest is the dataset's manifest in its published, canonical form, so
	// that consumers do not need Git.
	Manifest       json.RawMessage `json:"manifest"`
	ManifestDigest schema.Digest   `json:"manifest_digest"`
}

// A Position identifies a complete changeset in a dataset's stream. A channel
// stores its position in channel.json.
type Position struct {
	Dataset     string        `json:"dataset"`
	Changeset   string        `json:"changeset"`
	Commit      string        `json:"commit"`
	Sequence    Seq           `json:"sequence"` // of the changeset event
	StateDigest schema.Digest `json:"state_digest"`
	// Epoch distinguishes the stream from one created in its place. It is "" if
	// unknown, as in positions of older versions.
	Epoch string `json:"epoch,omitempty"`
}
