package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// Format is the number of the archive's format.
const Format = 1

// A Header begins an archive.
type Header struct {
	Format  int       `json:"format"`
	Program string    `json:"program"` // version of netsync
	Dataset string    `json:"dataset"`
	Began   time.Time `json:"began"`
}

// A Manifest ends an archive and lists its contents.
type Manifest struct {
	Header
	Ended time.Time `json:"ended"`
	// Epoch and Sequence are those of the dataset's stream; Changeset and
	// StateDigest those of its last changeset.
	Epoch       stream.Epoch  `json:"epoch"`
	Sequence    event.Seq     `json:"sequence"`
	Changeset   string        `json:"changeset"`
	StateDigest schema.Digest `json:"state_digest"`
	// Ledger is the last revision of the digests' ledger when the backup began.
	Ledger  uint64   `json:"ledger"`
	Streams []Stream `json:"streams"`
}

// A Stream describes a stream in an archive.
type Stream struct {
	Name     string `json:"name"`
	Messages uint64 `json:"messages"`
	Last     uint64 `json:"last"` // sequence number of the last message
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"` // of the snapshot
}

// setup is the configuration and state of a stream, as the broker returned
// them.
type setup struct {
	Config json.RawMessage `json:"config"`
	State  json.RawMessage `json:"state"`
}

// ErrDamaged is wrapped by the error of an archive that differs from what was
// written.
var ErrDamaged = errors.New("the backup is damaged")

func damageError(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
}

// check returns an error for an archive that this program cannot read.
func (h Header) check() error {
	switch {
	case h.Format > Format:
		return fmt.Errorf("the backup has format %d, made by netsync %s; this program reads up to %d: use a newer netsync", h.Format, h.Program, Format)
	case h.Format < 1 || h.Dataset == "":
		return damageError("it does not begin as one does")
	}
	return nil
}
