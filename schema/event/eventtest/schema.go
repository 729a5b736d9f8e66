// Package eventtest checks events against their formal description, for tests.
package eventtest

import (
	"bytes"
	"fmt"
	"io/fs"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"netsync/schema/event"
)

// Check validates a message of a dataset's stream against the JSON Schema of
// events.
func Check(message []byte) error {
	schema, err := formal()
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(message))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}

const base = "https://example.org/netsync/v1/event/"

var formal = sync.OnceValues(func() (*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	names, err := fs.Glob(event.Files(), "*.schema.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := fs.ReadFile(event.Files(), name)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := compiler.AddResource(base+name, doc); err != nil {
			return nil, err
		}
	}
	return compiler.Compile(base + "event.schema.json")
})
