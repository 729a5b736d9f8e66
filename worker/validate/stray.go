package validate

import (
	"path"
	"strings"

	"netsync/schema"
	"netsync/worker/snapshot"
	"netsync/worker/yaml"
)

// Stray says that a file which looks like a record lies where none is read.
func Stray(name string) schema.Finding {
	found := strayFile.newFinding(name, yaml.Start, schema.RecordID{}, "", "the file looks like a record, but is not read where it lies")
	folder, rest, _ := strings.Cut(name, "/")
	if c := snapshot.MeantFolder(folder); c != "" {
		ending := path.Ext(rest)
		found.Remedy = "Rename it to " + string(c) + "/" + strings.TrimSuffix(rest, ending) + strings.ToLower(ending) + "."
	}
	return found
}
