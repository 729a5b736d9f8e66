package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netsync/cmd/internal/cli"
	"netsync/schema"
	"netsync/schema/sample"
)

// typos are slips of a maintainer's hand in the sample, and where they stand
// after all of them were made.
var typos = []struct {
	file, right, wrong string
	rule               string
	line, column       int
}{
	{"dataset.yaml", "nl: Afrika", "nk: Afrika", "NS032", 24, 26},
	{"networks/una-europa.yaml", "tier: key", "teir: key", "NS008", 4, 1},
	{"networks/europaeum.yaml", "purposes: [collaboration, knowledge-sharing]\n", "", "NS009", 6, 18},
	{"networks/leru.yaml", "kind: alliance", "kind: aliance", "NS010", 7, 7},
	{"networks/leru.yaml", "with: un-ecosoc", "with: un-ecosok", "NS012", 24, 12},
	{"networks/lde-global.yaml", "id: lde-global", "id: lde-globl", "NS011", 2, 5},
	{"networks/lde-global.yaml", "water, energy", "watr, energy", "NS014", 23, 18},
	{"networks/coimbra-group.yaml", "founded: 1987", "founded: 1987-13", "NS015", 16, 10},
	{"networks/eua.yaml", "https://ror.org/020yfz786", "https://ror.org/020yfz768", "NS023", 23, 8},
	{"networks/iau.yaml", "order: 3", "order: 3\ntier: key", "NS002", 7, 1},
	{"organizations/tu-delft.yaml", "https://www.tudelft.nl/", "htps://www.tudelft.nl/", "NS033", 9, 26},
	{"activities/inucost.yaml", "name: INUcost", "name: INUcost: a project", "NS001", 3, 14},
}

func TestValidateFindsTwelveTyposInOneRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, sample.FS()); err != nil {
		t.Fatal(err)
	}
	for _, typo := range typos {
		path := filepath.Join(dir, typo.file)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), typo.right) {
			t.Fatalf("%s does not hold %q:\n%s", typo.file, typo.right, data)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(data), typo.right, typo.wrong, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	findings := validateJSON(t, dir)
	for _, typo := range typos {
		found := false
		for _, f := range findings {
			found = found || f.File == typo.file && f.Rule == typo.rule && f.Line == typo.line && f.Column == typo.column
		}
		if !found {
			t.Errorf("%s: %q for %q is not found as %s at %d:%d", typo.file, typo.wrong, typo.right, typo.rule, typo.line, typo.column)
		}
	}
	if t.Failed() {
		for _, f := range findings {
			t.Log(f)
		}
	}
}

// validateJSON runs netsync validate, which must find errors.
func validateJSON(t *testing.T, dir string) []schema.Finding {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs([]string{"validate", "--format", "json", dir})
	root.SetOut(&out)
	var exit *cli.Error
	if err := root.ExecuteContext(t.Context()); !errors.As(err, &exit) || exit.Code != cli.ExitData {
		t.Fatalf("validate: %v, want exit code %d", err, cli.ExitData)
	}
	var report struct {
		Findings []schema.Finding `json:"findings"`
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	return report.Findings
}
