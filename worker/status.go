package worker

import (
	"errors"
	"time"

	"go.uber.org/zap"

	"netsync/schema/event"
	"netsync/worker/journal"
)

// Status is what the worker last did.
type Status struct {
	Dataset   string         `json:"dataset,omitempty"`
	Checked   time.Time      `json:"checked,omitzero"`  // end of the last pass that did not fail
	Commit    string         `json:"commit,omitempty"`  // the one it found
	Outcome   Outcome        `json:"outcome,omitempty"` // what became of it
	Published event.Position `json:"published"`         // the last changeset in the stream
	Held      bool           `json:"held"`              // the commit is held back because of findings
	// Quarantined are the records that keep their last good version.
	Quarantined []string        `json:"quarantined"`
	Findings    []event.Finding `json:"findings"`
	Error       string          `json:"error,omitempty"`
	// Refused says that passes fail because the broker did not take, or did
	// not acknowledge, what they publish.
	Refused bool      `json:"refused,omitempty"`
	Failing time.Time `json:"failing_since,omitzero"`
}

// Status returns what the worker last did.
func (w *Worker) Status() Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

func (w *Worker) failed(err error) {
	w.Log.Error("sync failed", zap.Error(err))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status.Error = err.Error()
	w.status.Refused = errors.Is(err, journal.ErrOutcomeUnknown)
	if w.status.Failing.IsZero() {
		w.status.Failing = w.Now()
	}
}

func (w *Worker) succeeded(r Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status = Status{
		Dataset:   r.Position.Dataset,
		Checked:   w.Now(),
		Commit:    string(r.Commit),
		Outcome:   r.outcome(),
		Published: r.Position,
		Held:      r.Held,
		Findings:  r.Findings,

		Quarantined: r.Quarantined,
	}
}
