package worker_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"netsync/schema"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

var update = flag.Bool("update", false, "write golden files and the rules' pages anew")

// An example is a dataset that breaks one rule and one that does not, as in
// validate/testdata/rules: the comment gives the reason for the rule, before/,
// bad/ and good/ are laid over the files of base.txtar, and want holds the
// findings of bad/.
type example struct {
	t       *testing.T
	rule    validate.Rule
	archive *txtar.Archive
	path    string
}

func readExample(t *testing.T, rule validate.Rule) example {
	t.Helper()
	path := filepath.Join("validate/testdata/rules", rule.Code+"-"+rule.Name+".txtar")
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatalf("the rule has no examples: %v", err)
	}
	return example{t, rule, archive, path}
}

var ruleDay = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestEveryRuleFindsItsBadExampleAndLetsTheGoodOnePass(t *testing.T) {
	t.Parallel()
	for _, rule := range validate.Rules() {
		t.Run(rule.Code+"-"+rule.Name, func(t *testing.T) {
			t.Parallel()
			e := readExample(t, rule)
			if !e.has("bad/") || !e.has("good/") {
				t.Fatal("a bad and a good example are needed")
			}
			bad, good := e.findings("bad/"), e.findings("good/")
			for _, f := range good {
				t.Errorf("the good example has %s", f)
			}
			found := slices.DeleteFunc(slices.Clone(bad), func(f schema.Finding) bool { return f.Rule != rule.Code })
			if len(found) == 0 {
				t.Fatalf("the bad example is not found; findings: %v", bad)
			}
			if !e.has("before/") && len(found) != len(bad) && rule.Code != "NS001" {
				t.Errorf("the bad example breaks other rules, too: %v", bad)
			}
			e.checkWant(found)
			e.checkPage(found)
		})
	}
}

func TestEveryExampleHasARule(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("validate/testdata/rules/NS*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(validate.Rules()) {
		t.Errorf("%d files of examples for %d rules", len(files), len(validate.Rules()))
	}
	for i, rule := range validate.Rules() {
		if want := fmt.Sprintf("NS%03d", i+1); rule.Code != want {
			t.Errorf("rule %s stands where %s belongs", rule.Code, want)
		}
	}
}

func TestTheIndexListsEveryRule(t *testing.T) {
	t.Parallel()
	var index strings.Builder
	index.WriteString("# The rules of a dataset\n\nA test writes these pages from the rules' own examples. `netsync rules` prints them.\n\n| rule | name | severity | what it asks for |\n|---|---|---|---|\n")
	for _, r := range validate.Rules() {
		fmt.Fprintf(&index, "| [%s](%s.md) | %s | %s | %s |\n", r.Code, r.Code, r.Name, r.Severity, r.Summary)
	}
	if *update {
		if err := os.WriteFile("validate/rules/README.md", []byte(index.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile("validate/rules/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(data), index.String()); diff != "" {
		t.Errorf("the index is not up to date; write it with -update (-is +want):\n%s", diff)
	}
}

func (e example) has(folder string) bool {
	return slices.ContainsFunc(e.archive.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, folder) })
}

// findings checks an example: as it lies in a folder or, where something was
// published before, by a worker.
func (e example) findings(folder string) []schema.Finding {
	e.t.Helper()
	if e.has("before/") {
		return e.sync(folder)
	}
	snap, delta, err := snapshot.ReadFolder(e.t.Context(), e.files(folder), validate.Options(ruleDay))
	if err != nil {
		e.t.Fatal(err)
	}
	var checker validate.Checker
	return checker.Check(snap, delta)
}

func (e example) sync(folder string) []schema.Finding {
	e.t.Helper()
	f := newFixture(e.t)
	f.repo.fill(e.files("before/"))
	f.repo.commit("Before")
	f.sync()
	f.repo.fill(e.files(folder))
	f.repo.commit("After")
	var findings []schema.Finding
	for _, found := range f.sync().Findings {
		findings = append(findings, found.Finding)
	}
	return findings
}

// fill makes the repository hold just the given files.
func (r repo) fill(files fstest.MapFS) {
	r.t.Helper()
	r.git("rm", "-r", "-q", "--ignore-unmatch", ".")
	for name, file := range files {
		r.write(name, string(file.Data))
	}
}

func (e example) files(folder string) fstest.MapFS {
	e.t.Helper()
	base, err := txtar.ParseFile("validate/testdata/rules/base.txtar")
	if err != nil {
		e.t.Fatal(err)
	}
	files := make(fstest.MapFS)
	for _, f := range base.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	for _, f := range e.archive.Files {
		if name, ok := strings.CutPrefix(f.Name, folder); ok {
			e.lay(files, name, f.Data)
		}
	}
	return files
}

// lay puts a file over others. Its name may end with what it stands for:
// .quoted (Go strings, perhaps times a number), .symlink or .absent.
func (e example) lay(files fstest.MapFS, name string, data []byte) {
	e.t.Helper()
	switch plain, ending := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name); ending {
	case ".quoted":
		files[plain] = &fstest.MapFile{Data: e.unquote(data)}
	case ".symlink":
		files[plain] = &fstest.MapFile{Data: bytes.TrimSpace(data), Mode: fs.ModeSymlink}
	case ".absent":
		delete(files, plain)
	default:
		files[name] = &fstest.MapFile{Data: data}
	}
}

func (e example) unquote(data []byte) []byte {
	e.t.Helper()
	var out bytes.Buffer
	for line := range strings.Lines(string(data)) {
		quoted, times, repeated := strings.Cut(strings.TrimSpace(line), " * ")
		text, err := strconv.Unquote(quoted)
		if err != nil {
			e.t.Fatalf("%s: %v", quoted, err)
		}
		n := 1
		if repeated {
			if n, err = strconv.Atoi(times); err != nil {
				e.t.Fatal(err)
			}
		}
		out.WriteString(strings.Repeat(text, n))
	}
	return out.Bytes()
}

// checkWant holds the places and words of the findings against the file.
func (e example) checkWant(found []schema.Finding) {
	e.t.Helper()
	var got strings.Builder
	for _, f := range found {
		fmt.Fprintf(&got, "%s:%d:%d-%d:%d %s %s\n\t%s\n\t%s\n", f.File, f.Line, f.Column, f.EndLine, f.EndColumn, f.Severity, f.Pointer, f.Message, f.Remedy)
	}
	i := slices.IndexFunc(e.archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	if *update {
		if i < 0 {
			i = len(e.archive.Files)
			e.archive.Files = append(e.archive.Files, txtar.File{Name: "want"})
		}
		e.archive.Files[i].Data = []byte(got.String())
		if err := os.WriteFile(e.path, txtar.Format(e.archive), 0o644); err != nil {
			e.t.Fatal(err)
		}
		return
	}
	if i < 0 {
		e.t.Fatal("the file has no want; write it with -update")
	}
	if diff := cmp.Diff(string(e.archive.Files[i].Data), got.String()); diff != "" {
		e.t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// checkPage holds the rule's page against its examples.
func (e example) checkPage(found []schema.Finding) {
	e.t.Helper()
	var page strings.Builder
	fmt.Fprintf(&page, "# %s %s\n\n%s\n\n%s\n\n", e.rule.Code, e.rule.Name, e.rule.Summary, strings.TrimSpace(string(e.archive.Comment)))
	fmt.Fprintf(&page, "Severity: %s.\n", e.rule.Severity)
	if e.has("before/") {
		e.quote(&page, "Published before", "before/")
	}
	e.quote(&page, "Bad", "bad/")
	report := validate.Report{Findings: shortened(found), Source: func(name string) ([]byte, error) { return fs.ReadFile(e.files("bad/"), name) }}
	var text bytes.Buffer
	if err := report.Write(&text, "text"); err != nil {
		e.t.Fatal(err)
	}
	told, _, _ := strings.Cut(text.String(), "\n0 files")
	fmt.Fprintf(&page, "\nwhich is told as\n\n```\n%s```\n", escaped(told))
	e.quote(&page, "Good", "good/")
	path := filepath.Join("validate/rules", e.rule.Code+".md")
	if *update {
		if err := os.WriteFile(path, []byte(page.String()), 0o644); err != nil {
			e.t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(validate.Page(e.rule), page.String()); diff != "" {
		e.t.Errorf("%s is not up to date; write it with -update (-is +want):\n%s", path, diff)
	}
}

func shortened(found []schema.Finding) []schema.Finding { return found[:min(3, len(found))] }

// escaped escapes invisible characters.
func escaped(s string) string {
	return regexp.MustCompile(`[\x{202a}-\x{202e}\x{2066}-\x{2069}]`).ReplaceAllStringFunc(s, func(c string) string { return strings.Trim(strconv.QuoteToASCII(c), `"`) })
}

func (e example) quote(page *strings.Builder, title, folder string) {
	fmt.Fprintf(page, "\n## %s\n", title)
	for _, f := range e.archive.Files {
		name, ok := strings.CutPrefix(f.Name, folder)
		if !ok {
			continue
		}
		switch plain, ending := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name); ending {
		case ".absent":
			fmt.Fprintf(page, "\n`%s` is not there.\n", plain)
		case ".symlink":
			fmt.Fprintf(page, "\n`%s` is a symbolic link to `%s`.\n", plain, bytes.TrimSpace(f.Data))
		case ".quoted":
			fmt.Fprintf(page, "\n`%s`\n\n```\n%s```\n", plain, f.Data)
		default:
			fmt.Fprintf(page, "\n`%s`\n\n```%s\n%s```\n", name, strings.TrimPrefix(ending, "."), f.Data)
		}
	}
}
