package event

import (
	"encoding/json"
	"time"

	"netsync/schema"
)

// An Op is what happened to a record.
type Op string

// The operations. A record is restored when one that was removed is there
// again.
const (
	Created  Op = "created"
	Updated  Op = "updated"
	Removed  Op = "removed"
	Restored Op = "restored"
)

// Ops lists the operations in the order in which they are counted.
func Ops() []Op { return []Op{Created, Updated, Removed, Restored} }

// Type returns the event type of the operation.
func (o Op) Type() Type { return Type("netsync.record." + string(o)) }

// Significance says how much a change matters to readers.
type Significance string

// The significances, from the greatest.
const (
	Major   Significance = "major"
	Minor   Significance = "minor"
	Trivial Significance = "trivial"
)

// Significances lists the significances from the greatest.
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
	// Patch turns Previous into Record (RFC 6902). It is empty where one of
	// the two is null.
	Patch        json.RawMessage `json:"patch"`
	Significance Significance    `json:"significance"`
	Bulk         bool            `json:"bulk"`        // one of many: worth one line together
	Republished  bool            `json:"republished"` // said again on request; nothing changed
	Replaces     []string        `json:"replaces"`    // ids that this record was known by
	ReplacedBy   *string         `json:"replaced_by"` // the id that stands for a removed record
	// Commits are those that touched the record since the last changeset,
	// newest first; of a bulk import, only the newest.
	Commits []Commit `json:"commits"`
	// CommitsTotal is how many commits there were where Commits does not list
	// all; 0 otherwise.
	CommitsTotal int    `json:"commits_total,omitempty"`
	Changeset    string `json:"changeset"`

	// Stored is the record at rest, where whoever made the change has it so.
	// It is no part of the event.
	Stored schema.Stored `json:"-"`
}

// RecordID returns the record that changed.
func (c *Change) RecordID() schema.RecordID {
	return schema.RecordID{Collection: c.Collection, ID: c.ID}
}

// After returns the record as it is after the change; ok is false when it was
// removed.
func (c *Change) After() (r schema.Record, ok bool) { return c.decodeRecord(c.Record, c.Digest) }

// Before returns the record as it was before the change; ok is false when
// there was none.
func (c *Change) Before() (r schema.Record, ok bool) {
	return c.decodeRecord(c.Previous, c.PreviousDigest)
}

func (c *Change) decodeRecord(data json.RawMessage, digest *schema.Digest) (schema.Record, bool) {
	if digest == nil || len(data) == 0 || string(data) == "null" {
		return schema.Record{}, false
	}
	return schema.Record{ID: c.RecordID(), JSON: data, Digest: *digest}, true
}

// A Commit is a Git commit, as far as readers of changes are concerned.
type Commit struct {
	SHA     string    `json:"sha"`
	Author  string    `json:"author"`  // a name, without the address
	Time    time.Time `json:"time"`    // of the committer
	Subject string    `json:"subject"` // at most 300 characters of it
}

// A Changeset is the data of a changeset event: all record events of the
// changeset lie before it in the stream.
type Changeset struct {
	// ID is "<commit>@<sequence>": the stream's last sequence number when
	// the changeset was begun. No two changesets share it.
	ID             string     `json:"changeset"`
	Commit         string     `json:"commit"`
	PreviousCommit *string    `json:"previous_commit"` // null on the first
	AsOf           string     `json:"as_of"`           // the day that states are derived for
	Counts         map[Op]int `json:"counts"`
	Events         int        `json:"events"`  // record events since the last changeset event
	Records        int        `json:"records"` // in the state
	// StateDigest is the digest of the state after the changeset.
	StateDigest schema.Digest  `json:"state_digest"`
	Findings    FindingsCounts `json:"findings"`
	Bulk        bool           `json:"bulk"`
	// Manifest is the dataset's manifest in its published form, canonical:
	// with it, a consumer needs no access to Git.
	Manifest       json.RawMessage `json:"manifest"`
	ManifestDigest schema.Digest   `json:"manifest_digest"`
}

// A Position is a place in a dataset's stream at which a changeset is
// complete. A channel keeps the position that it shows in its channel.json.
type Position struct {
	Dataset     string        `json:"dataset"`
	Changeset   string        `json:"changeset"`
	Commit      string        `json:"commit"`
	Sequence    Seq           `json:"sequence"` // of the changeset event
	StateDigest schema.Digest `json:"state_digest"`
	// Epoch tells the stream apart from one that was made in its place; "" where
	// that is not known, as in what older versions kept.
	Epoch string `json:"epoch,omitempty"`
}
