package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"netsync/schema"
	"netsync/schema/event"
)

// A Source reads a file of a site's data by its name below the data folder. The error is
// fs.ErrNotExist if there is none.
type Source func(ctx context.Context, name string) ([]byte, error)

// A Report describes an update.
type Report struct {
	Dataset     string           `json:"dataset"`
	From        string           `json:"from"` // the changeset that the copy was of
	To          string           `json:"to"`
	StateDigest schema.Digest    `json:"state_digest"`
	Records     int              `json:"records"`
	Deltas      int              `json:"deltas"`
	Changes     map[event.Op]int `json:"changes"`
	Files       []string         `json:"-"` // written or taken out
	// Stale are files of the copy that deltas do not update, such as CSV.
	Stale []string `json:"stale,omitempty"`
}

// ErrNoWay is returned by Update if no deltas begin at the copy.
var ErrNoWay = errors.New("no deltas lead on from this copy")

// Update brings the copy of a site's data in a folder up to date with the deltas of a source,
// and proves after each that the state is the announced one. It writes the same bytes as the
// site has: the manifest, the files of the collections and, if the copy has them, those of the
// records. After an error the copy is unchanged.
func Update(ctx context.Context, dir string, source Source) (Report, error) {
	if err := Resume(dir); err != nil {
		return Report{}, err
	}
	copied := os.DirFS(dir)
	s, err := Read(copied)
	if err != nil {
		return Report{}, err
	}
	if err := s.Whole(); err != nil {
		return Report{}, err
	}
	before := s.Files(Large)
	report := Report{Dataset: s.Dataset, From: s.Changeset, Changes: make(map[event.Op]int)}
	deltas, err := findWay(ctx, s, source)
	if err != nil {
		return Report{}, err
	}
	touched := make(map[schema.RecordID]bool)
	for _, entry := range deltas {
		d, err := fetch(ctx, source, entry)
		if err != nil {
			return Report{}, err
		}
		if err := s.Apply(d); err != nil {
			return Report{}, err
		}
		for _, c := range d.Changes {
			touched[c.RecordID()] = true
			report.Changes[c.Op]++
		}
	}
	report.To, report.StateDigest, report.Records, report.Deltas = s.Changeset, s.StateDigest, s.State.Len(), len(deltas)
	files, gone := s.changedFiles(copied, before, touched)
	for name := range files {
		report.Files = append(report.Files, name)
	}
	report.Files = append(report.Files, gone...)
	report.Stale = staleFiles(copied)
	if len(deltas) == 0 {
		return report, nil
	}
	return report, storeFiles(dir, files, gone)
}

// findWay returns the deltas that begin at a snapshot.
func findWay(ctx context.Context, s *Snapshot, source Source) ([]Entry, error) {
	data, err := source(ctx, LogFile)
	if err != nil {
		return nil, err
	}
	log, err := DecodeLog(data)
	if err != nil {
		return nil, err
	}
	if log.Dataset != s.Dataset {
		return nil, fmt.Errorf("%w: it is of the dataset %s, and the source has %s", ErrNoWay, s.Dataset, log.Dataset)
	}
	deltas, ok := log.After(s.Changeset, s.StateDigest)
	if !ok {
		return nil, fmt.Errorf("%w: it is of changeset %s, and they begin with %s", ErrNoWay, s.Changeset, log.Since.Changeset)
	}
	return deltas, nil
}

func fetch(ctx context.Context, source Source, entry Entry) (*Delta, error) {
	data, err := source(ctx, entry.Name())
	if err != nil {
		return nil, err
	}
	if schema.DigestOf(data) != entry.Digest {
		return nil, fmt.Errorf("%s is not what its digest in %s says", entry.Name(), LogFile)
	}
	d, err := DecodeDelta(data)
	if err != nil {
		return nil, err
	}
	if d.To != entry.To || d.From.Sequence != entry.From {
		return nil, fmt.Errorf("%s does not lead where %s says", entry.Name(), LogFile)
	}
	return d, nil
}

// changedFiles returns the files of a snapshot that differ from those before it.
func (s *Snapshot) changedFiles(copied fs.FS, before map[string][]byte, touched map[schema.RecordID]bool) (files map[string][]byte, gone []string) {
	files = s.Files(Large)
	for name, data := range before {
		if now, ok := files[name]; !ok {
			gone = append(gone, name)
		} else if string(now) == string(data) {
			delete(files, name)
		}
	}
	if !slices.ContainsFunc(schema.Collections(), func(c schema.Collection) bool { return hasRecordFiles(copied, c) }) {
		return files, gone
	}
	for id := range touched {
		name := id.String() + ".json"
		if record, ok := s.State.Get(id); ok {
			files[name] = record.JSON
		} else {
			gone = append(gone, name)
		}
	}
	return files, gone
}

// hasRecordFiles reports whether a copy has a file for each record.
func hasRecordFiles(copied fs.FS, c schema.Collection) bool {
	entries, err := fs.ReadDir(copied, string(c))
	if err != nil {
		return false
	}
	for _, e := range entries {
		if !e.IsDir() && path.Ext(e.Name()) == ".json" {
			return true
		}
	}
	return false
}

// staleFiles returns the other files in the copy.
func staleFiles(copied fs.FS) []string {
	entries, err := fs.ReadDir(copied, ".")
	if err != nil {
		return nil
	}
	kept := map[string]bool{ManifestFile: true, planFile: true}
	for _, c := range schema.Collections() {
		kept[FileOf(c)] = true
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && !kept[e.Name()] && !strings.HasSuffix(e.Name(), newFile) {
			names = append(names, e.Name())
		}
	}
	return names
}
