package delivery

import (
	"fmt"
	"time"

	"netsync/schema/event"
	"netsync/schema/stream"
)

// StreamRemade is the type of a message with a Gap.
const StreamRemade event.Type = "netsync.stream.remade"

// A Gap says that the dataset's stream was deleted and created again, or restored from
// a backup. The endpoint may have received changes after the last message that both
// streams have which did not happen, and may miss others: its copy is right again once
// it has compared all records.
type Gap struct {
	Epoch    string    `json:"epoch"`           // of the present stream
	Previous string    `json:"previous_epoch"`  // of the one before; "" if unknown
	Shared   event.Seq `json:"shared_sequence"` // the last message that both have
	Sequence event.Seq `json:"sequence"`        // the first message that the endpoint gets
	Time     time.Time `json:"time"`            // when it was noticed
}

// gapOf returns the delivery for a state that counts in another stream.
func gapOf(epoch stream.Epoch, s State, from event.Seq, now time.Time) Delivery {
	shared, _ := epoch.SharedWith(s.Epoch)
	if s.Epoch == "" {
		shared = 0
	}
	gap := &Gap{Epoch: epoch.ID, Previous: s.Epoch, Shared: shared, Sequence: from + 1, Time: now.UTC().Truncate(time.Second)}
	return Delivery{ID: fmt.Sprintf("epoch:%s:%s", epoch.ID, s.Epoch), Sequence: from, Gap: gap}
}
