package sample_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"netsync/schema/sample"
)

const baseURI = "https://example.org/netsync/v1/"

// kinds gives the schema of the files in each folder.
var kinds = map[string]string{"networks": "network", "organizations": "organization", "activities": "activity", ".": "dataset"}

// A file is one decoded file of the dataset, with the schema it goes by.
type file struct {
	name, folder, schema string
	text                 string
	value                map[string]any
}

func readDataset(t *testing.T) []file {
	t.Helper()
	var all []file
	err := fs.WalkDir(sample.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sample.FS(), name)
		if err != nil {
			return err
		}
		folder, _, nested := strings.Cut(name, "/")
		if !nested {
			folder = "."
		}
		kind, ok := kinds[folder]
		if !ok {
			t.Errorf("%s lies in no collection", name)
			return nil
		}
		all = append(all, file{name, folder, kind + ".schema.json", string(data), decode(t, name, data)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// decode goes through JSON, so that values have the types that the schema
// library knows.
func decode(t *testing.T, name string, data []byte) map[string]any {
	t.Helper()
	var raw any
	if err := yaml.Unmarshal(data, &raw); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	text, err := json.Marshal(raw)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	object, ok := value.(map[string]any)
	if !ok {
		t.Fatalf("%s is not a map", name)
	}
	return object
}

// readSchemas returns the schema files decoded, by name.
func readSchemas(t *testing.T) map[string]any {
	t.Helper()
	names, err := filepath.Glob("../v1/*.schema.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	docs := make(map[string]any)
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if docs[filepath.Base(name)], err = jsonschema.UnmarshalJSON(bytes.NewReader(data)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return docs
}

func TestEveryFilePassesItsSchema(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	for name, doc := range readSchemas(t) {
		if err := compiler.AddResource(baseURI+name, doc); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range readDataset(t) {
		if err := compiler.MustCompile(baseURI + f.schema).Validate(f.value); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
		if modeline := "# yaml-language-server: $schema=" + baseURI + f.schema + "\n"; !strings.HasPrefix(f.text, modeline) {
			t.Errorf("%s does not begin with %q", f.name, modeline)
		}
	}
}

func TestIDsAreFileNames(t *testing.T) {
	for _, f := range readDataset(t) {
		want := strings.TrimSuffix(path.Base(f.name), ".yaml")
		if f.folder == "." {
			want = "leiden-networks"
		}
		if f.value["id"] != want {
			t.Errorf("%s has the id %v", f.name, f.value["id"])
		}
	}
}

func TestNetworksStandInTheOrderOfThePage(t *testing.T) {
	want := map[string][]string{
		"key":    {"una-europa", "lde-global", "leru", "coimbra-group"},
		"member": {"europaeum", "eua", "iau", "euroscholars"},
	}
	for _, f := range readDataset(t) {
		if f.folder != "networks" {
			continue
		}
		order, err := f.value["order"].(json.Number).Int64()
		tier := want[f.value["tier"].(string)]
		if at := slices.Index(tier, f.value["id"].(string)); err != nil || int64(at+1) != order {
			t.Errorf("%s has the order %d among %v", f.name, order, tier)
		}
	}
}

func TestReferencesAndTermsResolve(t *testing.T) {
	schemas, dataset := readSchemas(t), readDataset(t)
	known := make(map[string]bool)
	for _, f := range dataset {
		known[f.folder+"/"+f.value["id"].(string)] = true
		vocabularies, _ := f.value["vocabularies"].(map[string]any)
		for vocabulary, terms := range vocabularies {
			for term := range terms.(map[string]any) {
				known[vocabulary+"/"+term] = true
			}
		}
	}
	used := make(map[string]bool)
	for _, f := range dataset {
		targets(schemas, f.schema, schemas[f.schema], f.value, func(target string) {
			used[target] = true
			if !known[target] {
				t.Errorf("%s refers to %s, which there is not", f.name, target)
			}
		})
	}
	for target := range known {
		if folder, _, _ := strings.Cut(target, "/"); kinds[folder] == "" && !used[target] {
			t.Errorf("no record uses the term %s", target)
		}
	}
	if !used["organizations/tu-delft"] || !used["networks/lde-global"] {
		t.Error("references were not found at all")
	}
}

// targets calls visit with every record ("organizations/unesco") and term
// ("topics/water") that a value names, by the annotations of its schema.
func targets(schemas map[string]any, name string, node, value any, visit func(string)) {
	shape, ok := node.(map[string]any)
	if !ok {
		return
	}
	if ref, ok := shape["$ref"].(string); ok {
		file, def, _ := strings.Cut(ref, "#/$defs/")
		defs := schemas[file].(map[string]any)["$defs"].(map[string]any)
		targets(schemas, file, defs[def], value, visit)
	}
	switch value := value.(type) {
	case string:
		for _, annotation := range []string{"x-netsync-reference", "x-netsync-vocabulary"} {
			if in, ok := shape[annotation].(string); ok {
				visit(in + "/" + value)
			}
		}
	case []any:
		for _, item := range value {
			targets(schemas, name, shape["items"], item, visit)
		}
	case map[string]any:
		properties, _ := shape["properties"].(map[string]any)
		for key, item := range value {
			targets(schemas, name, properties[key], item, visit)
		}
	}
}

// labels are the lines of the page that belong to its interface rather than
// to the data.
var labels = []string{
	"More about Una Europa",
	"More about LDE Global",
	"More about LERU",
	"League of European Research Universities (LERU)", // name and acronym
}

func TestEverySentenceOfThePageIsInTheDataset(t *testing.T) {
	page, err := os.ReadFile("testdata/networks-and-associations.txt")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, f := range readDataset(t) {
		texts = gather(texts, f.value)
	}
	dataset := strings.Join(texts, "\n")
	for line := range strings.Lines(string(page)) {
		line = fold(line)
		switch {
		case line == "" || slices.Contains(labels, line):
		case !strings.ContainsAny(line, ".:") && !slices.Contains(texts, line): // a heading: a name, a title
			t.Errorf("nothing is called %q", line)
		case !strings.Contains(dataset, line):
			t.Errorf("not in the dataset: %q", line)
		}
	}
}

// gather appends every string of a value, white space folded, paragraph by
// paragraph.
func gather(texts []string, value any) []string {
	switch value := value.(type) {
	case string:
		for paragraph := range strings.SplitSeq(value, "\n\n") {
			texts = append(texts, fold(paragraph))
		}
	case []any:
		for _, item := range value {
			texts = gather(texts, item)
		}
	case map[string]any:
		for _, item := range value {
			texts = gather(texts, item)
		}
	}
	return texts
}

func fold(text string) string { return strings.Join(strings.Fields(text), " ") }
