package validate_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	sarif "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"netsync/schema"
	"netsync/worker/validate"
)

// findings are of the kinds that a form of report could stumble over.
func findings() []schema.Finding {
	return []schema.Finding{
		{Severity: schema.Error, Rule: "NS012", Name: "dangling-reference", File: "networks/a b%ü.yaml", Line: 3, Column: 5, EndLine: 3, EndColumn: 8, Record: "networks/x", Pointer: "/partners/0", Message: `partners.0 refers to "x", which is 100% no organization`, Remedy: "Correct\nit."},
		{Severity: schema.Warning, Rule: "NS031", Name: "missing-translation", File: "dataset.yaml", Line: 1, Column: 1, EndLine: 1, EndColumn: 1, Message: "m", Remedy: "r"},
		{Severity: schema.Error, Rule: "NS004", Name: "encoding", File: "networks/\x1b[31m\u202e.yaml", Line: 9, Column: 200, EndLine: 9, EndColumn: 201, Message: "the text holds \x1b]0;x\a", Remedy: "r"},
	}
}

func write(t *testing.T, format string) string {
	t.Helper()
	var out bytes.Buffer
	report := validate.Report{Findings: findings(), Files: 5, Source: func(string) ([]byte, error) {
		return []byte("one\ntwo\n    partners: [x]\n\n\n\n\n\n" + strings.Repeat("é", 199) + "\x1b[2J!\n"), nil
	}}
	if err := report.Write(&out, format); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// sarifSchema compiles the JSON Schema of SARIF 2.1.0 (OASIS), which a library
// carries as a constant that it does not export.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	literal := file.Scope.Lookup("schema").Decl.(*ast.ValueSpec).Values[0].(*ast.BasicLit)
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	return compiler.MustCompile("sarif.json")
}

func TestSARIFIsValidAgainstItsSchema(t *testing.T) {
	t.Parallel()
	out := write(t, "sarif")
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if err := sarifSchema(t).Validate(value); err != nil {
		t.Error(err)
	}
	log, err := sarif.FromBytes([]byte(out))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(log.Runs[0].Results); got != len(findings()) {
		t.Errorf("%d results", got)
	}
	if got := len(log.Runs[0].Tool.Driver.Rules); got != len(validate.Rules()) {
		t.Errorf("%d rules", got)
	}
	first := log.Runs[0].Results[0]
	if place := first.Locations[0].PhysicalLocation; *place.ArtifactLocation.URI != "networks/a%20b%25%C3%BC.yaml" || *place.Region.StartColumn != 5 || *place.Region.EndColumn != 8 {
		t.Errorf("the first finding stands at %s", out)
	}
}

func TestGitHubAnnotationsAreOneLineEach(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(write(t, "github"), "\n"), "\n")
	if len(lines) != len(findings()) {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	want := `::error file=networks/a b%25ü.yaml,line=3,col=5,endLine=3,endColumn=8,title=NS012 dangling-reference::partners.0 refers to "x", which is 100%25 no organization — Correct%0Ait.`
	if lines[0] != want {
		t.Errorf("got  %s\nwant %s", lines[0], want)
	}
}

func TestTextKeepsTheTerminalAsItIs(t *testing.T) {
	t.Parallel()
	out := write(t, "text")
	if strings.ContainsAny(out, "\x1b\a\u202e") {
		t.Errorf("the text holds commands for a terminal: %q", out)
	}
	if !strings.Contains(out, "  3 |     partners: [x]\n    |     ^^^\n") {
		t.Errorf("the line is not quoted:\n%s", out)
	}
}

func TestColourIsSwitchable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (validate.Report{Findings: findings(), Colour: true}).Write(&out, "text"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "\x1b[1;31merror[NS012]\x1b[0m") {
		t.Errorf("no colour: %q", out.String())
	}
}
