package event_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"netsync/schema/event"
	"netsync/schema/event/eventtest"
	"netsync/schema/testkit/npmtest"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

const change = `{"specversion":"1.0","id":"` + commit + `@0:networks/leru","source":"/datasets/leiden-networks",
"type":"netsync.record.updated","subject":"networks/leru","time":"2026-11-24T09:00:00Z","datacontenttype":"application/json",
"data":{"collection":"networks","id":"leru","op":"updated",
"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
"previous_digest":"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
"record":{"id":"leru"},"previous":{"id":"leru"},"patch":[{"op":"add","path":"/x","value":1}],
"significance":"minor","bulk":false,"republished":false,"replaces":[],"replaced_by":null,
"commits":[{"sha":"` + commit + `","author":"Ada","time":"2026-11-24T09:00:00Z","subject":"Edit"}],"changeset":"` + commit + `@0"}}`

func TestSchemaTellsEventsFromOthers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		from, to string
		valid    bool
	}{
		"as it is":               {"", "", true},
		"a day without a commit": {`"commits":[{"sha":"` + commit + `","author":"Ada","time":"2026-11-24T09:00:00Z","subject":"Edit"}]`, `"commits":[]`, true},
		"another type":           {"netsync.record.updated", "netsync.record.changed", false},
		"no digest":              {`"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"`, `"digest":null`, false},
		"a short digest":         {"sha256:aa", "sha256:", false},
		"no previous":            {`"previous":{"id":"leru"}`, `"previous":null`, false},
		"created with previous":  {`"op":"updated"`, `"op":"created"`, false},
		"no patch":               {`"patch":[{"op":"add","path":"/x","value":1}],`, ``, false},
		"another collection":     {`"collection":"networks"`, `"collection":"people"`, false},
		"a changeset's data":     {"netsync.record.updated", "netsync.changeset.completed", false},
		"no time":                {`"time":"2026-11-24T09:00:00Z","datacontenttype"`, `"time":"yesterday","datacontenttype"`, false},
	} {
		text := strings.Replace(change, tc.from, tc.to, 1)
		if err := eventtest.Check([]byte(text)); (err == nil) != tc.valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAsyncAPINamesFilesThatAreThere checks the references of the document, as
// broken ones would only be noticed by consumers.
func TestAsyncAPINamesFilesThatAreThere(t *testing.T) {
	t.Parallel()
	data, err := fs.ReadFile(event.Files(), "asyncapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	refs := 0
	var visit func(any)
	visit = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok && !strings.HasPrefix(ref, "#") {
				refs++
				if _, err := fs.Stat(event.Files(), ref); err != nil {
					t.Errorf("%s: %v", ref, err)
				}
			}
			for _, w := range v {
				visit(w)
			}
		case []any:
			for _, w := range v {
				visit(w)
			}
		}
	}
	visit(doc)
	if refs == 0 {
		t.Error("no file is named")
	}
}

// TestAsyncAPIIsValid validates the document with the official AsyncAPI parser.
func TestAsyncAPIIsValid(t *testing.T) {
	t.Parallel()
	parser := npmtest.Folder(t, "@asyncapi/parser", "asyncapi")
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("npm packages are installed, and Node is not: %v", err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, event.Files()); err != nil {
		t.Fatal(err)
	}
	const script = `const {Parser, fromFile} = require(process.argv[1])
fromFile(new Parser(), process.argv[2]).parse().then(({document, diagnostics}) => {
  console.log(JSON.stringify({operations: document ? document.operations().all().length : 0,
    found: diagnostics.filter(d => d.severity < 2).map(d => d.path.join("/") + ": " + d.message)}))
})`
	parse := func(name string) (found struct {
		Operations int
		Found      []string
	}) {
		out, err := exec.CommandContext(t.Context(), node, "-e", script, parser, name).Output()
		if err == nil {
			err = json.Unmarshal(out, &found)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return found
	}
	file := filepath.Join(dir, "asyncapi.json")
	if r := parse(file); r.Operations != 3 || len(r.Found) > 0 {
		t.Errorf("%+v", r)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.Replace(string(text), `"action": "send"`, `"action": "sing"`, 1)
	if err := os.WriteFile(file, []byte(wrong), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := parse(file); len(r.Found) == 0 {
		t.Error("a wrong document is valid")
	}
}
