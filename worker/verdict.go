package worker

import (
	"encoding/json"
	"slices"
	"time"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker/git"
	"netsync/worker/snapshot"
)

// A verdict is what a pass thinks of a commit.
type verdict struct {
	findings   []event.Finding // sorted
	held       bool            // the commit is held back as a whole
	quarantine *Quarantine     // nil where the commit is held because of its data
}

func (v verdict) quarantined() []schema.RecordID {
	if v.quarantine == nil {
		return nil
	}
	return v.quarantine.Held()
}

// names returns ids as texts; never nil.
func names(ids []schema.RecordID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = id.String()
	}
	return all
}

// heldWhole reports whether the errors of the dataset hold the whole commit: a
// broken manifest always does, any error where the worker is to reject them.
func (w *Worker) heldWhole() bool {
	isError := func(f schema.Finding) bool { return f.Severity == schema.Error }
	return BrokenManifest(w.snap, w.findings) ||
		w.OnInvalid == Reject && slices.ContainsFunc(w.findings, isError)
}

// BrokenManifest reports whether nothing of a snapshot can be published, because
// its manifest is not there or has errors.
func BrokenManifest(snap *snapshot.Snapshot, findings []schema.Finding) bool {
	return snap.Manifest == nil || slices.ContainsFunc(findings, func(f schema.Finding) bool {
		id, ok := snapshot.Classify(f.File)
		return ok && f.Severity == schema.Error && f.Record == "" && id == (schema.RecordID{})
	})
}

// since tells of each finding when it was seen first, as far as the stream or
// this worker knows.
func (w *Worker) since(found []schema.Finding, tip git.CommitID) []event.Finding {
	known := make(map[schema.Finding]event.Finding)
	if w.fold.Findings != nil {
		for _, f := range w.fold.Findings.Findings {
			known[placeless(f.Finding)] = f
		}
	}
	for _, f := range w.verdict.findings {
		known[placeless(f.Finding)] = f
	}
	schema.SortFindings(found)
	now := w.Now().UTC().Truncate(time.Millisecond)
	all := make([]event.Finding, len(found))
	for i, f := range found {
		all[i] = event.Finding{Finding: f, FirstSeen: now, FirstCommit: string(tip)}
		if before, ok := known[placeless(f)]; ok {
			all[i].FirstSeen, all[i].FirstCommit = before.FirstSeen, before.FirstCommit
		}
	}
	return all
}

// placeless is a finding without its lines and columns, which move when
// something above it is edited.
func placeless(f schema.Finding) schema.Finding {
	f.Line, f.Column, f.EndLine, f.EndColumn = 0, 0, 0, 0
	return f
}

// maxAnnounced bounds the findings of one message, in bytes: bad data must not
// grow an event that the broker then refuses.
const maxAnnounced = 256 << 10

// announcement returns what to tell of the findings; nil where that is what
// was told last.
func (p *plan) announcement(last *event.Findings) *event.Findings {
	next := p.currentFindings()
	if last == nil && len(next.Findings) == 0 {
		return nil
	}
	if last != nil && last.Held == next.Held && last.Summary == next.Summary &&
		slices.Equal(last.Findings, next.Findings) && slices.Equal(last.Quarantined, next.Quarantined) {
		return nil
	}
	return next
}

func (p *plan) currentFindings() *event.Findings {
	fit := fitting(p.findings)
	return &event.Findings{
		Commit:      string(p.commit),
		Summary:     event.CountFindings(p.findings),
		Held:        p.held,
		Quarantined: names(p.quarantined()),
		Findings:    fit,
		Omitted:     len(p.findings) - len(fit),
	}
}

// fitting returns the findings that have room in one message: errors before
// warnings, sorted.
func fitting(findings []event.Finding) []event.Finding {
	kept := []event.Finding{}
	room := maxAnnounced
	for _, severity := range []schema.Severity{schema.Error, schema.Warning} {
		for _, f := range findings {
			if f.Severity != severity {
				continue
			}
			data, err := json.Marshal(f)
			if room -= len(data); err != nil || room < 0 {
				return kept
			}
			kept = append(kept, f)
		}
	}
	return kept
}
