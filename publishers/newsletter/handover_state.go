package newsletter

import (
	"context"
	"fmt"
	"time"

	"netsync/schema/stream"
)

// A handoverStep is how far a digest is on its way to listmonk.
type handoverStep string

const (
	// handoverChosen: this campaign it is, and no other may be started.
	handoverChosen handoverStep = "chosen"
	// handoverStarted: the campaign may be under way. It is noted before
	// listmonk is asked to start it.
	handoverStarted handoverStep = "started"
	// handoverWithdrawn: none is started any more.
	handoverWithdrawn handoverStep = "withdrawn"
)

// A readHandover is what the ledger holds on the campaign of a digest. Each step is
// taken by whoever is first to note it; all others read what stands.
type handover struct {
	Step     handoverStep `json:"step"`
	Campaign int          `json:"campaign,omitempty"`
	At       time.Time    `json:"at"`

	revision uint64 // that a change of it must name; 0 where there is none
}

// handoverKey is another for a digest that was taken back and begun anew, should
// it say the same.
func handoverKey(s Sent) string {
	return fmt.Sprintf("campaign.%s.%s.%d", s.digestKey(), s.ID, s.Created.Unix())
}

// readHandover reads how far a digest is; the zero handover where it is nowhere.
func (l ledger) readHandover(ctx context.Context, s Sent) (h handover, err error) {
	h, revision, err := stream.Read[handover](ctx, l.bucket, handoverKey(s))
	h.revision = revision
	return h, err
}

// advanceHandover notes the next step of what stands. It is false where another process
// noted one first. After an error it may be noted all the same: read it again.
func (l ledger) advanceHandover(ctx context.Context, s Sent, stands, next handover) (bool, error) {
	err := stream.Write(ctx, l.bucket, handoverKey(s), next, stands.revision)
	return err == nil, ignoreConflict(err)
}
