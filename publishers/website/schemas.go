package website

import (
	"io/fs"
	"path"

	"netsync/schema"
	"netsync/schema/event"
)

// schemasDir holds the JSON Schemas of records and, below event/, of events.
// They refer to each other by file name.
const schemasDir = "data/schema/v1"

// asyncAPI describes the stream of events.
const asyncAPI = "/" + schemasDir + "/event/asyncapi.json"

// planSchemas adds the schemas.
func planSchemas(all *plan) {
	for dir, files := range map[string]fs.FS{schemasDir: schema.Files(), schemasDir + "/event": event.Files()} {
		names, err := fs.Glob(files, "*.json")
		if err != nil {
			panic(err) // the pattern is a constant
		}
		for _, name := range names {
			all.add(path.Join(dir, name), func() ([]byte, error) { return fs.ReadFile(files, name) })
		}
	}
}
