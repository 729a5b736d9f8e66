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
	Wrote     event.Seq      `json:"wrote,omitempty"`  // the last message that this worker published itself
	Held      bool           `json:"held"`             // the commit is held back because of findings
	// Quarantined are the records that keep their last good version.
	Quarantined []string        `json:"quarantined"`
	Findings    []event.Finding `json:"findings"`
	Error       string          `json:"error,omitempty"`
	Failing     time.Time       `json:"failing_since,omitzero"`
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
		Published: r.Position,
		Wrote:     w.wrote,
		Held:      r.Held,
		Findings:  r.Findings,

		Quarantined: r.Quarantined,
	}
}
