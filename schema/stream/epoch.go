package stream

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
)

// An Epoch is one life of a dataset's stream. A stream that is deleted and made
// again, or restored from a backup, counts from 1 or from an older message: its
// sequence numbers have a new meaning. The epoch's id distinguishes such
// streams.
//
// The id is the creation time of the stream, in Unix milliseconds. A restore
// begins a new epoch, which the stream's metadata record together with the
// earlier ones; they override the creation time, which a broker may keep or
// replace.
type Epoch struct {
	ID string `json:"id"`
	// Earlier are the epochs that share messages with this one, newest first.
	Earlier []Earlier `json:"earlier,omitempty"`
}

// An Earlier is an epoch that a stream was restored from.
type Earlier struct {
	ID     string    `json:"id"`
	Shared event.Seq `json:"shared"` // the last message that both have
}

// Keys of a stream's metadata.
const (
	metaEpoch    = "netsync.epoch"
	metaPrevious = "netsync.previous_epoch"
	metaShared   = "netsync.shared_sequence"
	metaOlder    = "netsync.older_epochs" // id:shared, separated by commas
	// metaRestoring is set during a restore: the stream is incomplete and must
	// not be read or written.
	metaRestoring = "netsync.restoring"
)

// ErrRemade is returned by a Reader whose stream was deleted and made again, or
// restored, since the Reader was opened. A new Reader reads the present stream.
var ErrRemade = errors.New("the stream was made again")

// ErrRestoring is returned for a stream with an unfinished restore.
var ErrRestoring = errors.New("a restore of this stream was begun and has not finished; run netsync restore again")

// EpochOf returns the epoch of a stream.
func EpochOf(info *jetstream.StreamInfo) Epoch {
	meta := info.Config.Metadata
	if meta[metaEpoch] == "" {
		return Epoch{ID: epochID(info.Created)}
	}
	e := Epoch{ID: meta[metaEpoch]}
	e.add(meta[metaPrevious], meta[metaShared])
	for pair := range strings.SplitSeq(meta[metaOlder], ",") {
		id, shared, _ := strings.Cut(pair, ":")
		e.add(id, shared)
	}
	return e
}

func (e *Epoch) add(id, shared string) {
	n, err := strconv.ParseUint(shared, 10, 64)
	if id != "" && err == nil {
		e.Earlier = append(e.Earlier, Earlier{id, event.Seq(n)})
	}
}

func epochID(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// After returns the epoch of a stream of this epoch after a restore at a time,
// up to a message.
func (e Epoch) After(now time.Time, shared event.Seq) Epoch {
	next := Epoch{ID: epochID(now), Earlier: []Earlier{{e.ID, shared}}}
	for _, older := range e.Earlier {
		next.Earlier = append(next.Earlier, Earlier{older.ID, min(older.Shared, shared)})
	}
	for next.ID == e.ID || slices.ContainsFunc(e.Earlier, func(o Earlier) bool { return o.ID == next.ID }) {
		now = now.Add(time.Millisecond) // the clock was set back
		next.ID = epochID(now)
	}
	return next
}

// Metadata returns the metadata that records the epoch.
func (e Epoch) Metadata() map[string]string {
	meta := map[string]string{metaEpoch: e.ID}
	if len(e.Earlier) == 0 {
		return meta
	}
	meta[metaPrevious] = e.Earlier[0].ID
	meta[metaShared] = strconv.FormatUint(uint64(e.Earlier[0].Shared), 10)
	var older []string
	for _, o := range e.Earlier[1:] {
		older = append(older, fmt.Sprintf("%s:%d", o.ID, o.Shared))
	}
	if len(older) > 0 {
		meta[metaOlder] = strings.Join(older, ",")
	}
	return meta
}

// Has reports whether a message of another epoch is also in this one. The id
// "", from versions without epochs, means the present one.
func (e Epoch) Has(id string, seq event.Seq) bool {
	shared, ok := e.SharedWith(id)
	return ok && seq <= shared
}

// maxSeq is the last message that an epoch shares with itself.
const maxSeq = event.Seq(1<<63 - 1)

// SharedWith returns the last message that the epoch shares with another; ok is
// false if there is none.
func (e Epoch) SharedWith(id string) (shared event.Seq, ok bool) {
	if id == "" || id == e.ID {
		return maxSeq, true
	}
	for _, o := range e.Earlier {
		if o.ID == id {
			return o.Shared, true
		}
	}
	return 0, false
}

// Began returns when the epoch began, or the zero time if its id is invalid.
func (e Epoch) Began() time.Time {
	ms, err := strconv.ParseInt(e.ID, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// A Place is a subscriber's position in a stream: <sequence>-<epoch>.
type Place struct {
	Sequence event.Seq
	Epoch    string // "" if unknown: the present one
}

func (p Place) String() string {
	if p.Epoch == "" {
		return strconv.FormatUint(uint64(p.Sequence), 10)
	}
	return fmt.Sprintf("%d-%s", p.Sequence, p.Epoch)
}

// maxEpoch is the most digits of an epoch's id.
const maxEpoch = 20

// ParsePlace parses a place: a bare number is in the present stream.
func ParsePlace(text string) (Place, error) {
	number, epoch, dashed := strings.Cut(text, "-")
	n, err := strconv.ParseUint(number, 10, 63)
	notDigit := func(r rune) bool { return r < '0' || r > '9' }
	if err != nil || strings.ContainsFunc(number+epoch, notDigit) || dashed && (epoch == "" || len(epoch) > maxEpoch) {
		return Place{}, fmt.Errorf("%.60q is no place in the stream; give the id of the last event that you have, or 0 for all", text)
	}
	return Place{event.Seq(n), epoch}, nil
}

// A GoneError reports that a place is no longer in the stream.
type GoneError struct {
	Place  Place
	Epoch  Epoch // of the stream
	Shared event.Seq
	Last   event.Seq // of the stream
}

func (e *GoneError) Error() string {
	if e.Place.Epoch == "" || e.Place.Epoch == e.Epoch.ID {
		return fmt.Sprintf("the stream ends at message %d: it was made again or lost its end; begin again with 0", e.Last)
	}
	text := fmt.Sprintf("the stream was made again on %s: message %d of the one before is not in it", e.Epoch.Began().Format(time.DateTime+" UTC"), e.Place.Sequence)
	if e.Shared > 0 {
		return text + fmt.Sprintf("; both share messages up to %d: go back to your copy at that message and ask from %d on, or begin again with 0", e.Shared, e.Shared)
	}
	return text + ", and it shares nothing with that; begin again with 0"
}

// Locate returns the sequence number of a place in the stream, whose last
// message is last. The error is a *GoneError if the place is not in it.
func (e Epoch) Locate(p Place, last event.Seq) (event.Seq, error) {
	shared, _ := e.SharedWith(p.Epoch)
	if p.Sequence > min(shared, last) {
		return 0, &GoneError{p, e, shared, last}
	}
	return p.Sequence, nil
}

// IsRestoring reports whether a stream of any kind has an unfinished restore.
func IsRestoring(config jetstream.StreamConfig) bool { return config.Metadata[metaRestoring] != "" }

// SetRestoring sets or clears the mark of an unfinished restore in a stream's
// metadata.
func SetRestoring(meta map[string]string, underWay bool) {
	if underWay {
		meta[metaRestoring] = "true"
		return
	}
	delete(meta, metaRestoring)
}
