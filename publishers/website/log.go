package website

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/shared"
	"netsync/schema/story"
)

// The log holds the changes of logDays before its newest entry, up to
// maxLogChanges. Whether an entry is kept depends only on newer entries, so
// trimming after each changeset gives the same log as trimming once.
const (
	logDays         = 90
	maxLogChanges   = 2000 // in all entries but the newest
	maxEntryChanges = 100  // in one entry; the others are counted
)

// A changeLog lists the latest changesets, newest first. It holds the changes
// but not their descriptions, which depend on the current names.
type changeLog struct {
	Dataset     string        `json:"dataset"`
	Changeset   string        `json:"changeset"`
	StateDigest schema.Digest `json:"state_digest"`
	Entries     []logEntry    `json:"entries"`
}

// A logEntry is one changeset.
type logEntry struct {
	Changeset string    `json:"changeset"`
	Commit    string    `json:"commit"`
	Sequence  event.Seq `json:"sequence"`
	Time      time.Time `json:"time"`
	// Bulk counts the changes of a bulk import, which are not listed.
	Bulk       story.Tally   `json:"bulk,omitempty"`
	BulkCommit *event.Commit `json:"bulk_commit,omitempty"`
	// Changes are the other changes, except the number of Omitted ones.
	Changes []*event.Change `json:"changes,omitempty"`
	Omitted int             `json:"omitted,omitempty"`
}

// withEdition returns the log with the entries of an edition that it lacks.
func (l changeLog) withEdition(e publishers.Edition) (changeLog, error) {
	entries := l.Entries
	for _, entry := range e.Entries {
		if len(entries) > 0 && entry.Sequence <= entries[0].Sequence {
			continue
		}
		if logged, ok := newLogEntry(entry); ok {
			entries = slices.Insert(slices.Clip(entries), 0, logged)
		}
	}
	out := changeLog{e.Position.Dataset, e.Position.Changeset, e.Position.StateDigest, trimEntries(entries)}
	// Encode and decode, so old and new entries have the same form.
	data, err := encodeLog(out)
	if err != nil {
		return changeLog{}, err
	}
	return decodeLog(data)
}

// newLogEntry returns a changeset without its republished records; ok is false
// if nothing remains.
func newLogEntry(e publishers.Entry) (entry logEntry, ok bool) {
	entry = logEntry{Changeset: e.Changeset.ID, Commit: e.Changeset.Commit, Sequence: e.Sequence, Time: e.Time.UTC()}
	var bulk []*event.Change
	for _, c := range e.Changes {
		switch {
		case c.Republished:
		case c.Bulk:
			bulk = append(bulk, c)
		case len(entry.Changes) == maxEntryChanges:
			entry.Omitted++
		default:
			entry.Changes = append(entry.Changes, c)
		}
	}
	if len(bulk) > 0 {
		entry.Bulk, entry.BulkCommit = story.Count(bulk), newestCommit(bulk)
	}
	return entry, len(bulk)+len(entry.Changes) > 0
}

func newestCommit(changes []*event.Change) *event.Commit {
	for _, c := range changes {
		if len(c.Commits) > 0 {
			return &c.Commits[0]
		}
	}
	return nil
}

func trimEntries(entries []logEntry) []logEntry {
	changes := 0
	for i, entry := range entries {
		changes += len(entry.Changes)
		old := entries[0].Time.Sub(entry.Time) > logDays*24*time.Hour
		if i > 0 && (old || changes > maxLogChanges || i > maxLogChanges) {
			return entries[:i]
		}
	}
	return entries
}

func encodeLog(l changeLog) ([]byte, error) {
	data, err := shared.EncodeJSON(l)
	if err != nil {
		return nil, fmt.Errorf("encode the log of changes: %w", err)
	}
	return append(data, '\n'), nil
}

func decodeLog(data []byte) (changeLog, error) {
	var l changeLog
	if err := json.Unmarshal(data, &l); err != nil {
		return changeLog{}, fmt.Errorf("decode the log of changes: %w", err)
	}
	return l, nil
}
