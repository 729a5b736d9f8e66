package webtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"netsync/schema/testkit/npmtest"
)

// copyDocuments copies the files that validators check into a temporary
// folder: pages, style sheets and SVG images. A fragment is wrapped in a page.
func (s *Site) copyDocuments(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	pages := make(map[string]bool)
	for _, p := range s.Pages {
		pages[p.Name] = true
	}
	for name := range s.files {
		switch ext := filepath.Ext(name); {
		case ext == ".html" && pages[name], ext == ".css", ext == ".svg":
		default:
			continue
		}
		data, err := os.ReadFile(filepath.Join(s.Dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) == ".html" && !bytes.Contains(bytes.ToLower(data[:min(len(data), 200)]), []byte("<!doctype")) {
			data = fmt.Appendf(nil, "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Fragment</title></head><body>\n%s\n</body></html>\n", data)
		}
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), data)
	}
	return dir
}

// Nu runs the Nu HTML checker over all pages, style sheets and SVG images.
// Warnings are findings, too.
func (s *Site) Nu(t testing.TB) []Finding {
	t.Helper()
	jar := filepath.Join(npmtest.Folder(t, "vnu-jar", needHTML), "build", "dist", "vnu.jar")
	dir := s.copyDocuments(t)
	cmd := exec.CommandContext(t.Context(), npmtest.Program(t, needHTML, "java"), "-Xss4m", "-XX:+UseSerialGC", "-jar", jar,
		"--format", "json", "--stdout", "--exit-zero-always", "--also-check-css", "--also-check-svg", "--no-langdetect", dir)
	var report struct {
		Messages []struct {
			Type, SubType, URL, Message, Extract string
		}
	}
	runJSON(t, cmd, &report)
	var findings []Finding
	for _, m := range report.Messages {
		if m.Type == "info" && m.SubType != "warning" || isIgnored(m.Message) {
			continue
		}
		name := strings.TrimPrefix(strings.TrimPrefix(m.URL, "file:"), dir+"/")
		findings = append(findings, Finding{name, "nu", ruleName(m.Message), m.Extract, m.Message})
	}
	return findings
}

// isIgnored reports whether a message of Nu is about words that a person
// chose, or about a policy in a file, where 'self' has no meaning. Browser
// tests check the policy.
func isIgnored(message string) bool {
	return slices.ContainsFunc([]string{
		"violates Content Security Policy (meta tag)",
		"is not in Unicode Normalization Form C",
		"starts with a composing character",
		"Document uses the Unicode Private Use Area",
	}, func(part string) bool { return strings.Contains(message, part) })
}

// ruleName derives a rule from a message, omitting the quoted parts, which
// differ from page to page.
func ruleName(message string) string {
	var b strings.Builder
	for i, part := range strings.FieldsFunc(message, func(r rune) bool { return strings.ContainsRune("“”‘’", r) }) {
		if i%2 == 0 {
			b.WriteString(part)
		} else {
			b.WriteString("…")
		}
	}
	return b.String()
}

// validateRules are html-validate's recommended rules without two about style.
const validateRules = `{
  "root": true,
  "extends": ["html-validate:recommended"],
  "rules": {
    "long-title": "off",
    "no-trailing-whitespace": "off"
  }
}`

// pagesAtATime limits the pages of one run of html-validate, which keeps them
// all in memory.
const pagesAtATime = 400

// HTMLValidate runs html-validate over all pages.
func (s *Site) HTMLValidate(t testing.TB) []Finding {
	t.Helper()
	config := filepath.Join(t.TempDir(), "rules.json")
	writeFile(t, config, []byte(validateRules))
	dir := s.copyDocuments(t)
	var pages []string
	for _, p := range s.Pages {
		pages = append(pages, filepath.FromSlash(p.Name))
	}
	var findings []Finding
	for some := range slices.Chunk(pages, pagesAtATime) {
		args := append([]string{"bin/html-validate.mjs", "--config", config, "--formatter", "json"}, some...)
		cmd := npmCommand(t, needHTML, "html-validate", args[0], args[1:]...)
		cmd.Dir = dir
		var report []struct {
			FilePath string
			Messages []struct{ RuleID, Message, Selector string }
		}
		runJSON(t, cmd, &report)
		for _, file := range report {
			name, err := filepath.Rel(dir, file.FilePath)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range file.Messages {
				findings = append(findings, Finding{filepath.ToSlash(name), "html-validate", m.RuleID, m.Selector, m.Message})
			}
		}
	}
	return findings
}
