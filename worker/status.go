package worker

import (
	"time"

	"go.uber.org/zap"

	"netsync/schema/event"
)

// Status is what the worker last did.
type Status struct {
	Dataset   string         `json:"dataset,omitempty"`
	Checked   time.Time      `json:"checked,omitzero"` // end of the last pass that did not fail
	Commit    string         `json:"commit,omitempty"` // the one it found
	Published event.Position `json:"published"`        // the last changeset in the stream
	Held      bool           `json:"held"`             // the commit is held back because of findings
	// Quarantined are the records that keep their last good version.
	Quarantined []string        `json:"quarantined"`
	Findings    []event.Finding `json:"findings"`
	Error       string          `json:"error,omitempty"`
	Failing     time.Time       `json:"failing_since,omitzero"`
	Tries       int             `json:"failed_tries,omitempty"` // since then
}

// Status returns what the worker last did.
func (w *Worker) Status() Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

// failed notes that a pass failed. Operators are told once that passes fail,
// and once that they work again: what happens between is the same trouble.
func (w *Worker) failed(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status.Error = err.Error()
	w.status.Tries++
	if w.status.Failing.IsZero() {
		w.status.Failing = w.Now()
		w.Log.Error("sync fails, and is tried again until it works; what was published stays", zap.Error(err))
		return
	}
	w.Log.Debug("sync still fails", zap.Error(err), zap.Int("tries", w.status.Tries))
}

func (w *Worker) succeeded(r Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if before := w.status; !before.Failing.IsZero() {
		w.Log.Warn("sync works again", zap.Duration("after", w.Now().Sub(before.Failing)), zap.Int("failed_tries", before.Tries))
	}
	w.status = Status{
		Dataset:   r.Position.Dataset,
		Checked:   w.Now(),
		Commit:    string(r.Commit),
		Published: r.Position,
		Held:      r.Held,
		Findings:  r.Findings,

		Quarantined: r.Quarantined,
	}
}
