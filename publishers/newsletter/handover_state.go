package newsletter

import (
	"context"
	"fmt"
	"time"

	"netsync/schema/stream"
)

// A handoverStep is a step of handing a digest over to listmonk.
type handoverStep string

const (
	// handoverChosen means that the campaign is chosen, and no other may be
	// started.
	handoverChosen handoverStep = "chosen"
	// handoverStarted means that the campaign may be running. It is recorded
	// before the request to start it.
	handoverStarted handoverStep = "started"
	// handoverWithdrawn means that no campaign is started anymore.
	handoverWithdrawn handoverStep = "withdrawn"
)

// A handover is the ledger's record of a digest's campaign. The first process
// that records a step takes it; others read the record.
type handover struct {
	Step     handoverStep `json:"step"`
	Campaign int          `json:"campaign,omitempty"`
	At       time.Time    `json:"at"`

	revision uint64 // for an update; 0 if there is no record
}

// handoverKey returns the key of a digest's handover. It differs for a digest
// that was cancelled and begun again with the same content.
func handoverKey(s Sent) string {
	return fmt.Sprintf("campaign.%s.%s.%d", s.digestKey(), s.ID, s.Created.Unix())
}

// readHandover reads the handover of a digest, or zero if there is none.
func (l ledger) readHandover(ctx context.Context, s Sent) (h handover, err error) {
	h, revision, err := stream.Read[handover](ctx, l.bucket, handoverKey(s))
	h.revision = revision
	return h, err
}

// advanceHandover records the next step. It returns false if another process
// recorded one first. After an error the step may be recorded all the same:
// read it again.
func (l ledger) advanceHandover(ctx context.Context, s Sent, stored, next handover) (bool, error) {
	err := stream.Write(ctx, l.bucket, handoverKey(s), next, stored.revision)
	return err == nil, ignoreConflict(err)
}
