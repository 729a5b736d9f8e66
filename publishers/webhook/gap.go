package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"netsync/schema/event"
	"netsync/schema/stream"
)

// StreamRemade is the type of a delivery that tells of a Gap.
const StreamRemade event.Type = "netsync.stream.remade"

// A Gap tells an endpoint that the dataset's stream was deleted and made again, or
// restored from a backup: what it was told of after the last message that both
// streams have may not have happened, and something may have that it is not told
// of. Its copy is right again once it has compared all records.
type Gap struct {
	Epoch    string    `json:"epoch"`           // of the present stream
	Previous string    `json:"previous_epoch"`  // of the one before; "" where that is not known
	Shared   event.Seq `json:"shared_sequence"` // the last message that both have
	Sequence event.Seq `json:"sequence"`        // the message from which on the endpoint is told
	Time     time.Time `json:"time"`            // when it was noticed
}

// gapOf is the delivery for a state that counts in another stream.
func gapOf(epoch stream.Epoch, s State, from event.Seq, now time.Time) Delivery {
	shared, _ := epoch.SharedWith(s.Epoch)
	if s.Epoch == "" {
		shared = 0
	}
	gap := &Gap{Epoch: epoch.ID, Previous: s.Epoch, Shared: shared, Sequence: from + 1, Time: now.UTC().Truncate(time.Second)}
	return Delivery{ID: fmt.Sprintf("epoch:%s:%s", epoch.ID, s.Epoch), Sequence: from, Gap: gap}
}

// encode returns the body of the notice.
func (g Gap) encode(dataset string) ([]byte, error) {
	data, err := json.Marshal(g)
	if err != nil {
		return nil, fmt.Errorf("encode what is told of the stream: %w", err)
	}
	var b bytes.Buffer
	err = json.NewEncoder(&b).Encode(payload{StreamRemade, g.Time, dataset, data})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
