package validate

import (
	"path"
	"strings"

	"netsync/schema"
	"netsync/worker/snapshot"
	"netsync/worker/yaml"
)

// Stray returns the finding for a file that looks like a record in a folder that is not read.
func Stray(name string) schema.Finding {
	found := strayFile.newFinding(name, yaml.Start, schema.RecordID{}, "", "the file looks like a record, but is not read in this place")
	folder, rest, _ := strings.Cut(name, "/")
	if c := snapshot.MeantFolder(folder); c != "" {
		ending := path.Ext(rest)
		found.Remedy = "Rename it to " + string(c) + "/" + strings.TrimSuffix(rest, ending) + strings.ToLower(ending) + "."
	}
	return found
}
