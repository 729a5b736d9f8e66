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

// A verdict is the result of checking a commit.
type verdict struct {
	findings   []event.Finding // sorted
	held       bool            // the whole commit is held
	quarantine *Quarantine     // nil if the dataset's errors hold the commit
}

func (v verdict) heldRecords() []schema.RecordID {
	if v.quarantine == nil {
		return nil
	}
	return v.quarantine.Held()
}

// idStrings returns ids as strings; never nil.
func idStrings(ids []schema.RecordID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = id.String()
	}
	return all
}

// holdsCommit reports whether the errors of the dataset hold the whole commit:
// a broken manifest always does, other errors do with Reject.
func (w *Worker) holdsCommit() bool {
	isError := func(f schema.Finding) bool { return f.Severity == schema.Error }
	return BrokenManifest(w.snap, w.findings) ||
		w.OnInvalid == Reject && slices.ContainsFunc(w.findings, isError)
}

// BrokenManifest reports whether nothing of a snapshot can be published,
// because its manifest is missing or has errors.
func BrokenManifest(snap *snapshot.Snapshot, findings []schema.Finding) bool {
	return snap.Manifest == nil || slices.ContainsFunc(findings, func(f schema.Finding) bool {
		id, ok := snapshot.Classify(f.File)
		return ok && f.Severity == schema.Error && f.Record == "" && id == (schema.RecordID{})
	})
}

// withFirstSeen adds to each finding when it was first seen, as far as the
// stream or this worker knows.
func (w *Worker) withFirstSeen(found []schema.Finding, tip git.CommitID) []event.Finding {
	known := make(map[schema.Finding]event.Finding)
	if w.fold.Findings != nil {
		for _, f := range w.fold.Findings.Findings {
			known[withoutPosition(f.Finding)] = f
		}
	}
	for _, f := range w.verdict.findings {
		known[withoutPosition(f.Finding)] = f
	}
	schema.SortFindings(found)
	now := w.Now().UTC().Truncate(time.Millisecond)
	all := make([]event.Finding, len(found))
	for i, f := range found {
		all[i] = event.Finding{Finding: f, FirstSeen: now, FirstCommit: string(tip)}
		if before, ok := known[withoutPosition(f)]; ok {
			all[i].FirstSeen, all[i].FirstCommit = before.FirstSeen, before.FirstCommit
		}
	}
	return all
}

// withoutPosition returns a finding without its lines and columns, which change
// when text above is edited.
func withoutPosition(f schema.Finding) schema.Finding {
	f.Line, f.Column, f.EndLine, f.EndColumn = 0, 0, 0, 0
	return f
}

// maxAnnounced is the maximum size of the findings in one message, in bytes, so
// that the broker never refuses it.
const maxAnnounced = 256 << 10

// changedFindings returns the findings to publish, or nil if they did not
// change.
func (p *plan) changedFindings(last *event.Findings) *event.Findings {
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
	fit := limitFindings(p.findings)
	return &event.Findings{
		Commit:      string(p.commit),
		Summary:     event.CountFindings(p.findings),
		Held:        p.held,
		Quarantined: idStrings(p.heldRecords()),
		Findings:    fit,
		Omitted:     len(p.findings) - len(fit),
	}
}

// limitFindings returns the findings that fit into one message: errors before
// warnings, sorted.
func limitFindings(findings []event.Finding) []event.Finding {
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
