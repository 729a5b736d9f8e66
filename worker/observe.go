package worker

import (
	"errors"
	"time"

	"netsync/schema/event"
	"netsync/worker/journal"
)

// An Observer hears of what a worker does, for those who count it. Functions
// may be nil, and must not block.
type Observer struct {
	// Passed hears of every pass but dry runs, and how long it took.
	Passed func(o Outcome, took time.Duration)
	// Retried hears why a pass reads the tail back and begins again.
	Retried func(cause RetryCause)
	// Appended hears of events that the broker has stored and acknowledged,
	// and how long that took, with whatever the broker does to make them
	// durable.
	Appended func(events []event.Event, took time.Duration)
	// Stored hears of images that were put beside the stream.
	Stored func(images int)
}

// An Outcome is what became of a pass.
type Outcome string

// The outcomes of a pass.
const (
	Published Outcome = "published" // something was appended
	Unchanged Outcome = "unchanged" // there was nothing new
	Held      Outcome = "held"      // the commit is held back because of findings
	Failed    Outcome = "failed"
)

// Outcomes lists the outcomes of a pass.
func Outcomes() []Outcome { return []Outcome{Published, Unchanged, Held, Failed} }

// A RetryCause is why a pass begins again.
type RetryCause string

// The causes of a retry.
const (
	Fenced         RetryCause = "fenced"          // somebody else published
	OutcomeUnknown RetryCause = "outcome_unknown" // no answer came
)

// RetryCauses lists the causes of a retry.
func RetryCauses() []RetryCause { return []RetryCause{Fenced, OutcomeUnknown} }

func (o Observer) passed(outcome Outcome, took time.Duration) {
	if o.Passed != nil {
		o.Passed(outcome, took)
	}
}

func (o Observer) retried(err error) {
	cause := OutcomeUnknown
	if errors.Is(err, journal.ErrFenced) {
		cause = Fenced
	}
	if o.Retried != nil {
		o.Retried(cause)
	}
}

func (o Observer) appended(events []event.Event, took time.Duration) {
	if o.Appended != nil {
		o.Appended(events, took)
	}
}

func (o Observer) stored(images int) {
	if o.Stored != nil {
		o.Stored(images)
	}
}

// outcome says what became of a pass that did not fail.
func (r Result) outcome() Outcome {
	switch {
	case r.Held:
		return Held
	case r.Appended > 0:
		return Published
	}
	return Unchanged
}
