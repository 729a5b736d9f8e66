package main

import (
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netsync/schema/testkit/npmtest"
)

const contributing = "../../CONTRIBUTING.md"

// An example is a worked example of CONTRIBUTING.md.
type example struct {
	name  string
	steps []block
}

// A block is a fenced block of Markdown: its language, the file that it is about, and its
// lines.
type block struct{ language, path, text string }

func readExamples(t *testing.T) []example {
	t.Helper()
	_, text, found := strings.Cut(readText(t, contributing), "## Three worked examples\n")
	if !found {
		t.Fatal("CONTRIBUTING.md has no worked examples")
	}
	var all []example
	for section := range strings.SplitSeq(text, "\n### ") {
		name, body, _ := strings.Cut(section, "\n")
		if steps := readBlocks(body); len(steps) > 0 {
			all = append(all, example{name, steps})
		}
	}
	return all
}

func readBlocks(text string) []block {
	var blocks []block
	for {
		_, rest, found := strings.Cut(text, "\n```")
		if !found {
			return blocks
		}
		head, rest, _ := strings.Cut(rest, "\n")
		body, rest, _ := strings.Cut(rest, "\n```\n")
		language, path, _ := strings.Cut(head, " ")
		blocks = append(blocks, block{language, path, body + "\n"})
		text = "\n" + rest
	}
}

// apply makes the change of a block in a copy of the repository.
func (b block) apply(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(b.path))
	text := b.text
	if b.language == "diff" {
		text = b.changeText(t, readText(t, path))
	} else if _, err := os.Lstat(path); err == nil {
		t.Fatalf("%s is there already", b.path)
	}
	if filepath.Ext(path) == ".go" {
		if formatted, err := format.Source([]byte(text)); err != nil || string(formatted) != text {
			t.Fatalf("%s is not formatted after the change: %v", b.path, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// changeText replaces the lines of a diff that stand in a text, which are in one place.
func (b block) changeText(t *testing.T, text string) string {
	t.Helper()
	var before, after strings.Builder
	for line := range strings.Lines(b.text) {
		if line == "\n" {
			line = " \n" // editors take spaces away that end a line
		}
		if line[0] != '+' {
			before.WriteString(line[1:])
		}
		if line[0] != '-' {
			after.WriteString(line[1:])
		}
	}
	if n := strings.Count(text, before.String()); n != 1 {
		t.Fatalf("%s has these lines in %d places:\n%s", b.path, n, before.String())
	}
	return strings.Replace(text, before.String(), after.String(), 1)
}

// copyRepository copies the files of the repository that git does not ignore.
func copyRepository(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("git", "-C", "../..", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skipf("the repository's files cannot be listed: %v", err)
	}
	dir := t.TempDir()
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join("../..", name))
		if os.IsNotExist(err) {
			continue // it was removed, and that is not committed
		}
		to := filepath.Join(dir, name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestWorkedExamplesPass follows the steps of CONTRIBUTING.md, and runs their commands if
// NETSYNC_TEST_REQUIRE lists "long".
func TestWorkedExamplesPass(t *testing.T) {
	t.Parallel()
	examples := readExamples(t)
	if len(examples) != 3 {
		t.Fatalf("%d worked examples", len(examples))
	}
	dir := copyRepository(t)
	for _, e := range examples {
		for _, step := range e.steps {
			if step.language != "sh" {
				step.apply(t, dir)
			}
		}
	}
	for _, e := range examples { // after all steps, so that the packages are compiled once
		commands := 0
		for _, step := range e.steps {
			if step.language != "sh" {
				continue
			}
			commands++
			if npmtest.Required("long") {
				runExample(t, e.name, dir, step.text)
			}
		}
		if commands == 0 {
			t.Errorf("%s: the example runs no test", e.name)
		}
	}
}

func runExample(t *testing.T, name, dir, commands string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", commands)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NETSYNC_TEST_REQUIRE=", "GOFLAGS=")
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, commands, out)
	}
	t.Logf("%s: passed in %v", name, time.Since(start).Round(time.Second))
}

func TestContributingMapsEveryPackage(t *testing.T) {
	t.Parallel()
	text := readText(t, contributing)
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, "netsync/")
		if strings.HasPrefix(name, "publishers/subscribe/examples/") {
			continue // they are a reader's, not ours
		}
		if !strings.Contains(text, fmt.Sprintf("`%s`", name)) {
			t.Errorf("the table of packages in CONTRIBUTING.md leaves %s out", name)
		}
	}
}
