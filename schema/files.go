package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed v1/*.schema.json
var files embed.FS

// Files returns the JSON Schema files (2020-12) of format netsync/v1:
// dataset, network, organization, activity and what they share.
func Files() fs.FS {
	sub, err := fs.Sub(files, "v1")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// BaseURI is the base of the schema files' $id. Nothing is ever fetched from
// there.
const BaseURI = "https://example.org/netsync/v1/"

// manifestKind is the name of the manifest's schema file.
const manifestKind = "dataset"

// kindOf returns the name of the schema file of a collection's records, or of
// the manifest if c is "".
func kindOf(c Collection) string {
	if c == "" {
		return manifestKind
	}
	return c.Singular()
}

// Validator returns the compiled schema of a collection's records, or of the
// manifest if c is "". It is safe for concurrent use.
//
// It validates values built of map[string]any, []any, string, bool, nil,
// json.Number and Go's numbers, and does not change them. Equal numbers are
// equally valid, however they are written (JSON Schema Core §4.2.3). Patterns
// are Go regular expressions.
func Validator(c Collection) *jsonschema.Schema { return compiled()[kindOf(c)] }

var compiled = sync.OnceValue(func() map[string]*jsonschema.Schema {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	for name, doc := range documents() {
		if err := compiler.AddResource(BaseURI+name, doc); err != nil {
			panic(fmt.Sprintf("embedded schema %s: %v", name, err))
		}
	}
	schemas := make(map[string]*jsonschema.Schema)
	for name := range documents() {
		kind := strings.TrimSuffix(name, ".schema.json")
		schemas[kind] = compiler.MustCompile(BaseURI + name)
	}
	return schemas
})

// documents holds the schema files decoded, by file name.
var documents = sync.OnceValue(func() map[string]any {
	docs := make(map[string]any)
	err := fs.WalkDir(Files(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		f, err := Files().Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		docs[name], err = jsonschema.UnmarshalJSON(f)
		return err
	})
	if err != nil {
		panic(fmt.Sprintf("embedded schemas: %v", err))
	}
	return docs
})
