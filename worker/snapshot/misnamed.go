package snapshot

import (
	"maps"
	"path"
	"slices"
	"strings"

	"netsync/schema"
)

// Misnamed returns the records whose only file has a path that differs in case,
// or a wrong folder: networks/Una-Europa.yaml, Networks/una-europa.yaml,
// network/una-europa.yaml or networks/una-europa.YAML. Such a file is neither a
// record nor the removal of one.
func (s *Snapshot) Misnamed() []schema.RecordID {
	ids := slices.AppendSeq(make([]schema.RecordID, 0, len(s.misnamed)), maps.Keys(s.misnamed))
	ids = slices.DeleteFunc(ids, func(id schema.RecordID) bool { return s.FileOf(id) != nil })
	slices.SortFunc(ids, schema.RecordID.Compare)
	return ids
}

// meantRecord returns the record that a misnamed file was meant to be, or zero
// for other files.
func meantRecord(f *File) schema.RecordID {
	if f.Role != Record && f.Role != Stray {
		return schema.RecordID{}
	}
	folder, _, _ := strings.Cut(f.Path, "/")
	base := strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
	id, err := schema.ParseRecordID(string(MeantFolder(folder)) + "/" + strings.ToLower(base))
	if err != nil || id == f.ID {
		return schema.RecordID{}
	}
	return id
}
