package worker

import (
	"errors"
	"time"

	"go.uber.org/zap"

	"netsync/schema/event"
	"netsync/worker/journal"
)

// Status is the state of the worker after its last pass.
type Status struct {
	Dataset   string         `json:"dataset,omitempty"`
	Checked   time.Time      `json:"checked,omitzero"`  // end of the last successful pass
	Commit    string         `json:"commit,omitempty"`  // found by that pass
	Outcome   Outcome        `json:"outcome,omitempty"` // of that pass
	Published event.Position `json:"published"`         // the last changeset in the stream
	Wrote     event.Seq      `json:"wrote,omitempty"`   // the last message that this worker published
	Held      bool           `json:"held"`              // the commit is held because of findings
	// Quarantined are the records that keep their last good version.
	Quarantined []string        `json:"quarantined"`
	Findings    []event.Finding `json:"findings"`
	Error       string          `json:"error,omitempty"`
	// Refused is set if passes fail because the broker does not accept or
	// acknowledge events.
	Refused bool `json:"refused,omitempty"`
	// Cause is the part that failed, if known.
	Cause   Cause     `json:"cause,omitempty"`
	Failing time.Time `json:"failing_since,omitzero"`
	Tries   int       `json:"failed_tries,omitempty"` // since then
}

// A Cause is the part that a pass failed at.
type Cause string

// Causes.
const (
	CauseRepository Cause = "repository" // it could not be reached or read
	CauseStream     Cause = "stream"     // it could not be read
)

// A passError is an error of a pass with its cause.
type passError struct {
	cause Cause
	err   error
}

func (e *passError) Error() string { return e.err.Error() }
func (e *passError) Unwrap() error { return e.err }

// withCause adds a cause to an error. It returns nil for nil.
func withCause(cause Cause, err error) error {
	if err == nil {
		return nil
	}
	return &passError{cause, err}
}

// Status returns the state after the last pass.
func (w *Worker) Status() Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

// recordFailure records a failed pass. It logs an error for the first failure
// only; recordSuccess logs when passes work again.
func (w *Worker) recordFailure(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status.Error = err.Error()
	w.status.Tries++
	w.status.Refused = errors.Is(err, journal.ErrOutcomeUnknown)
	w.status.Cause = ""
	if failed, ok := errors.AsType[*passError](err); ok {
		w.status.Cause = failed.cause
	}
	if w.status.Failing.IsZero() {
		w.status.Failing = w.Now()
		w.Log.Error("sync failed; retrying, published data remains", zap.Error(err))
		return
	}
	w.Log.Debug("sync still fails", zap.Error(err), zap.Int("tries", w.status.Tries))
}

func (w *Worker) recordSuccess(r Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if before := w.status; !before.Failing.IsZero() {
		w.Log.Warn("sync works again", zap.Duration("after", w.Now().Sub(before.Failing)), zap.Int("failed_tries", before.Tries))
	}
	w.status = Status{
		Dataset:   r.Position.Dataset,
		Checked:   w.Now(),
		Commit:    string(r.Commit),
		Outcome:   r.passOutcome(),
		Published: r.Position,
		Wrote:     w.lastWritten,
		Held:      r.Held,
		Findings:  r.Findings,

		Quarantined: r.Quarantined,
	}
}
