package event

import (
	"embed"
	"io/fs"
)

//go:embed v1/*.json
var formal embed.FS

// Files returns the formal descriptions of events: JSON Schema files (2020-12)
// of messages and their data, and asyncapi.json, an AsyncAPI 3.0 document of
// the stream that refers to them.
func Files() fs.FS {
	sub, err := fs.Sub(formal, "v1")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}
