package website

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"netsync/publishers"
	"netsync/publishers/snapshot"
	"netsync/schema"
	"netsync/schema/event"
)

// Files of a release that hold the dataset's history. The next release extends
// them, so the stream need not be read from its beginning.
const (
	logFile      = "data/changes.json"
	modifiedFile = "data/modified.csv"
	removedFile  = "data/removed.json"
	deltasFile   = "data/" + snapshot.LogFile
)

// A history holds what a state lacks: the recent changes, when each record
// last changed, and the removed records.
type history struct {
	log      changeLog
	modified map[schema.RecordID]modification
	removed  map[schema.RecordID]removal
	// deltas lead from snapshots of the last days to the current one. news
	// lists the delta files that were added or removed by the last edition.
	deltas snapshot.Log
	news   snapshot.News
}

// A modification is the last change of a record.
type modification struct {
	time   time.Time
	digest schema.Digest
}

// A removal is a removed record with its last name.
type removal struct {
	Name      schema.Text `json:"name"`
	Acronym   string      `json:"acronym,omitempty"`
	Time      time.Time   `json:"time"`
	Changeset string      `json:"changeset"`
}

func newHistory() *history {
	return &history{modified: make(map[schema.RecordID]modification), removed: make(map[schema.RecordID]removal)}
}

// withEdition returns the history including an edition. It does not modify h.
func (h *history) withEdition(e publishers.Edition) (*history, error) {
	log, err := h.log.withEdition(e)
	if err != nil {
		return nil, err
	}
	next := &history{log: log, modified: h.modified, removed: h.removed}
	if next.deltas, next.news, err = h.deltas.Extend(e); err != nil {
		return nil, err
	}
	if len(e.Entries) == 0 {
		return next, nil
	}
	next.modified, next.removed = maps.Clone(h.modified), maps.Clone(h.removed)
	for _, entry := range e.Entries {
		for _, change := range entry.Changes {
			if err := next.applyChange(entry, change); err != nil {
				return nil, err
			}
		}
	}
	return next, nil
}

func (h *history) applyChange(entry publishers.Entry, c *event.Change) error {
	id := c.RecordID()
	if c.Op != event.Removed {
		delete(h.removed, id)
		if !c.Republished && c.Digest != nil {
			h.modified[id] = modification{entry.Time.UTC(), *c.Digest}
		}
		return nil
	}
	delete(h.modified, id)
	var was struct {
		Name    schema.Text `json:"name"`
		Acronym string      `json:"acronym"`
	}
	if len(c.Previous) > 0 {
		if err := json.Unmarshal(c.Previous, &was); err != nil {
			return fmt.Errorf("decode the previous version of %s: %w", id, err)
		}
	}
	h.removed[id] = removal{was.Name, was.Acronym, entry.Time.UTC(), entry.Changeset.ID}
	return nil
}

// idsByTime returns the records by their last change, newest first.
func (h *history) idsByTime() []schema.RecordID {
	return slices.SortedFunc(maps.Keys(h.modified), func(a, b schema.RecordID) int {
		if by := h.modified[b].time.Compare(h.modified[a].time); by != 0 {
			return by
		}
		return a.Compare(b)
	})
}

var modifiedHeader = []string{"modified", "record", "digest"}

// encodeModified writes a line for each record, newest first: the time of its
// last change (RFC 3339), its id and its digest.
func (h *history) encodeModified() []byte {
	var b bytes.Buffer
	b.WriteString(strings.Join(modifiedHeader, ",") + "\n")
	for _, id := range h.idsByTime() {
		m := h.modified[id]
		b.WriteString(m.time.Format(time.RFC3339Nano))
		b.WriteByte(',')
		b.WriteString(id.String())
		b.WriteByte(',')
		b.WriteString(string(m.digest))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func (h *history) decodeModified(data []byte) error {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = len(modifiedHeader)
	r.ReuseRecord = true
	if header, err := r.Read(); err != nil {
		return fmt.Errorf("decode %s: %w", modifiedFile, err)
	} else if !slices.Equal(header, modifiedHeader) {
		return fmt.Errorf("decode %s: unknown header %q", modifiedFile, header)
	}
	for {
		line, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("decode %s: %w", modifiedFile, err)
		}
		when, err := time.Parse(time.RFC3339Nano, line[0])
		if err != nil {
			return fmt.Errorf("decode %s: %w", modifiedFile, err)
		}
		id, err := schema.ParseRecordID(strings.Clone(line[1]))
		if err != nil {
			return fmt.Errorf("decode %s: %w", modifiedFile, err)
		}
		h.modified[id] = modification{when, schema.Digest(strings.Clone(line[2]))}
	}
}

// removals is the content of removedFile.
type removals struct {
	Dataset string                     `json:"dataset"`
	Removed map[string]json.RawMessage `json:"removed"`
}

// encodeRemoved writes the removed records by id.
func (h *history) encodeRemoved(dataset string) ([]byte, error) {
	out := removals{dataset, make(map[string]json.RawMessage, len(h.removed))}
	for id, r := range h.removed {
		data, err := json.Marshal(r)
		if err != nil {
			return nil, fmt.Errorf("encode the removal of %s: %w", id, err)
		}
		out.Removed[id.String()] = data
	}
	data, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the removed records: %w", err)
	}
	return append(data, '\n'), nil
}

func (h *history) decodeRemoved(data []byte) error {
	var in removals
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("decode %s: %w", removedFile, err)
	}
	for name, data := range in.Removed {
		id, err := schema.ParseRecordID(name)
		if err != nil {
			return fmt.Errorf("decode %s: %w", removedFile, err)
		}
		var r removal
		if err := json.Unmarshal(data, &r); err != nil {
			return fmt.Errorf("decode %s: %s: %w", removedFile, name, err)
		}
		h.removed[id] = r
	}
	return nil
}

// readHistory reads the history of a release, whose files read returns.
func readHistory(read func(name string) ([]byte, error)) (*history, error) {
	h := newHistory()
	for _, part := range []struct {
		name   string
		decode func([]byte) error
	}{
		{logFile, func(data []byte) (err error) { h.log, err = decodeLog(data); return err }},
		{modifiedFile, h.decodeModified},
		{removedFile, h.decodeRemoved},
		{deltasFile, func(data []byte) (err error) { h.deltas, err = snapshot.DecodeLog(data); return err }},
	} {
		data, err := read(part.name)
		if err == nil {
			err = part.decode(data)
		}
		if err != nil {
			return nil, fmt.Errorf("read the history of the release: %w", err)
		}
	}
	return h, nil
}
