package maintain

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"netsync/schema"
	"netsync/worker/format"
	"netsync/worker/snapshot"
)

// scaffolded makes a dataset as init does.
func scaffolded(t *testing.T) fs.FS {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	if err := scaffoldDataset(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	return os.DirFS(dir)
}

// eachFile calls a function with the files that init makes.
func eachFile(t *testing.T, fsys fs.FS, f func(name string, data []byte)) {
	t.Helper()
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && entry.Name() == ".git" {
				return fs.SkipDir
			}
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		if err == nil {
			f(name, data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryFileOfANewDatasetCanBeRead(t *testing.T) {
	t.Parallel()
	eachFile(t, scaffolded(t), func(name string, data []byte) {
		var v any
		switch filepath.Ext(name) {
		case ".yaml", ".yml":
			if err := yaml.Unmarshal(data, &v); err != nil || v == nil {
				t.Errorf("%s: %v", name, err)
			}
		case ".json":
			if err := json.Unmarshal(data, &v); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !strings.HasSuffix(string(data), "\n") || strings.Contains(string(data), "\r") {
			t.Errorf("%s: its lines do not end as they should", name)
		}
	})
}

var modelineOf = regexp.MustCompile(`^# yaml-language-server: \$schema=(\S+)\n`)

func TestEveryRecordOfANewDatasetNamesItsSchema(t *testing.T) {
	t.Parallel()
	fsys := scaffolded(t)
	records := 0
	eachFile(t, fsys, func(name string, data []byte) {
		id, ok := snapshot.Classify(name)
		if !ok {
			return
		}
		records++
		found := modelineOf.FindSubmatch(data)
		if found == nil {
			t.Errorf("%s does not name its schema", name)
			return
		}
		file := filepath.ToSlash(filepath.Join(filepath.Dir(name), string(found[1])))
		want := "dataset"
		if id != (schema.RecordID{}) {
			want = id.Collection.Singular()
		}
		if _, err := fs.Stat(fsys, file); err != nil || !strings.HasSuffix(file, "/"+want+".schema.json") {
			t.Errorf("%s names %s: %v", name, file, err)
		}
		if canonical, err := format.Source(name, data); err != nil || string(canonical) != string(data) {
			t.Errorf("%s: %v; canonical is\n%s", name, err, canonical)
		}
	})
	if records < 3 {
		t.Errorf("only %d files belong to the dataset", records)
	}
}

// TestTheActionIsWellFormed reads the action that others check their datasets
// with, which GitHub would refuse if it were not.
func TestTheActionIsWellFormed(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../.github/actions/validate/action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Name, Description string
		Inputs            map[string]struct{ Description, Default string }
		Runs              struct {
			Using string
			Steps []struct {
				Uses, Shell, Run string
				Env              map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(data, &action); err != nil {
		t.Fatal(err)
	}
	if action.Name == "" || action.Description == "" || action.Runs.Using != "composite" {
		t.Errorf("action = %+v", action)
	}
	for _, input := range []string{"path", "changed-since", "version"} {
		if action.Inputs[input].Description == "" {
			t.Errorf("the input %s is not explained", input)
		}
	}
	for _, step := range action.Runs.Steps {
		if (step.Uses == "") == (step.Run == "") || (step.Run != "" && step.Shell == "") {
			t.Errorf("step = %+v", step)
		}
		if strings.Contains(step.Run, "${{") {
			t.Errorf("an input may become part of the program: %s", step.Run)
		}
	}
}
