package maintain

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"netsync/schema"
	"netsync/schema/sample"
	"netsync/worker/format"
	"netsync/worker/validate"
	"netsync/worker/yaml"
)

// makeNew makes a record of a collection in the sample dataset.
func makeNew(t *testing.T, c schema.Collection) (dir, name, text string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, sample.FS()); err != nil {
		t.Fatal(err)
	}
	name, err := makeRecord(t.Context(), dir, "", schema.RecordID{Collection: c, ID: "new-one"})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return dir, name, string(data)
}

func TestANewRecordIsGoodAndCanonical(t *testing.T) {
	t.Parallel()
	for _, c := range schema.Collections() {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			dir, name, text := makeNew(t, c)
			d := &dataset{dir: dir, now: time.Now()}
			if err := d.check(t.Context()); err != nil || schema.Summarize(d.findings, 0).Errors > 0 {
				t.Errorf("findings %v, error %v", d.findings, err)
			}
			if canonical, err := format.Source(name, []byte(text)); err != nil || string(canonical) != text {
				t.Errorf("%v; canonical is\n%s", err, canonical)
			}
		})
	}
}

// switchedOff is a field that is switched off, with the lines that belong to it.
var switchedOff = regexp.MustCompile(`(?m)^#([a-z_]+):.*\n(#.*\n)*`)

func TestEveryFieldOfANewRecordCanBeSwitchedOn(t *testing.T) {
	t.Parallel()
	for _, c := range schema.Collections() {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			_, name, text := makeNew(t, c)
			shape := schema.ShapeOf(c)
			found := switchedOff.FindAllStringSubmatchIndex(text, -1)
			if len(found)+len(shape.Required) != len(shape.Keys) {
				t.Errorf("%d fields are switched off and %d are not, of %d", len(found), len(shape.Required), len(shape.Keys))
			}
			for _, at := range found {
				field := strings.ReplaceAll("\n"+text[at[0]:at[1]], "\n#", "\n")
				d := yaml.Parse(name, []byte(text[:at[0]]+field+text[at[1]:]))
				key := text[at[2]:at[3]]
				if findings := validate.Document(d, schema.RecordID{Collection: c, ID: "new-one"}, schema.Context{Language: "en"}); len(findings) > 0 || d.Value[key] == nil {
					t.Errorf("%s: %v", key, findings)
				}
			}
		})
	}
}

func TestTextsAreQuotedWhereTheyMustBe(t *testing.T) {
	t.Parallel()
	shape := schema.ShapeOf(schema.Networks).Properties["aliases"]
	for text, want := range map[string]string{
		"plain words": "plain words", "1987": `"1987"`, "true": `"true"`, "a, b": `"a, b"`, "a: b": `"a: b"`, "# x": `"# x"`, "": `""`, "https://x.y/": "https://x.y/",
	} {
		if got := flowText([]any{text}, shape); got != "["+want+"]" {
			t.Errorf("%q becomes %s", text, got)
		}
	}
}
