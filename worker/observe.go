package worker

import (
	"errors"
	"time"

	"netsync/schema/event"
	"netsync/worker/journal"
)

// An Observer is notified of a worker's activity, for metrics. Functions may be
// nil, and must not block.
type Observer struct {
	// Passed is called after every pass except dry runs, with its duration.
	Passed func(o Outcome, took time.Duration)
	// Retried is called when a pass reads back the tail and starts again.
	Retried func(cause RetryCause)
	// Appended is called after the broker acknowledged events, with the time
	// that took, including the time to make them durable.
	Appended func(events []event.Event, took time.Duration)
	// Stored is called after images were put beside the stream.
	Stored func(images int)
}

// An Outcome is the result of a pass.
type Outcome string

// The outcomes of a pass.
const (
	Published Outcome = "published" // events were appended
	Unchanged Outcome = "unchanged" // there was nothing to publish
	Held      Outcome = "held"      // the commit is held because of findings
	Failed    Outcome = "failed"
)

// Outcomes lists the outcomes of a pass.
func Outcomes() []Outcome { return []Outcome{Published, Unchanged, Held, Failed} }

// A RetryCause is the reason for a pass to start again.
type RetryCause string

// The causes of a retry.
const (
	Fenced         RetryCause = "fenced"          // another worker published
	OutcomeUnknown RetryCause = "outcome_unknown" // no acknowledgment arrived
)

// RetryCauses lists the causes of a retry.
func RetryCauses() []RetryCause { return []RetryCause{Fenced, OutcomeUnknown} }

func (o Observer) notifyPassed(outcome Outcome, took time.Duration) {
	if o.Passed != nil {
		o.Passed(outcome, took)
	}
}

func (o Observer) notifyRetried(err error) {
	cause := OutcomeUnknown
	if errors.Is(err, journal.ErrFenced) {
		cause = Fenced
	}
	if o.Retried != nil {
		o.Retried(cause)
	}
}

func (o Observer) notifyAppended(events []event.Event, took time.Duration) {
	if o.Appended != nil {
		o.Appended(events, took)
	}
}

func (o Observer) notifyStored(images int) {
	if o.Stored != nil {
		o.Stored(images)
	}
}

// passOutcome returns the outcome of a successful pass.
func (r Result) passOutcome() Outcome {
	switch {
	case r.Held:
		return Held
	case r.Appended > 0:
		return Published
	}
	return Unchanged
}
