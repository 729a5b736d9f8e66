package webtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netsync/schema/testkit/npmtest"
)

// A DebuggedBrowser is a Chromium that other programs control.
type DebuggedBrowser struct{ port string }

// StartDebugged starts a Chromium that stops with the test. It waits longer
// than the programs would, since a machine may be busy.
func StartDebugged(t testing.TB) DebuggedBrowser {
	t.Helper()
	profile := t.TempDir()
	cmd := exec.Command(npmtest.Program(t, needLighthouse, programs...), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--disable-component-update", "--no-first-run", "--remote-debugging-port=0", "--user-data-dir="+profile, "about:blank")
	if err := cmd.Start(); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	for end := time.Now().Add(browserTimeout); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		port, _, ok := strings.Cut(readIfThere(filepath.Join(profile, "DevToolsActivePort")), "\n")
		if ok {
			return DebuggedBrowser{port}
		}
	}
	t.Fatal("Chromium does not say where its debugger listens")
	return DebuggedBrowser{}
}

// readIfThere returns the content of a file, or "" if it does not exist.
func readIfThere(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(data)
}

// Lighthouse runs Lighthouse for an address. It returns the scores from 0 to
// 100 (performance, accessibility, best-practices, seo) and the failed audits.
func (b DebuggedBrowser) Lighthouse(t testing.TB, address string) (scores map[string]float64, findings []Finding) {
	t.Helper()
	cmd := npmCommand(t, needLighthouse, "lighthouse", "cli/index.js", address, "--output", "json", "--quiet", "--no-enable-error-reporting",
		"--port", b.port, "--only-categories", "performance,accessibility,best-practices,seo")
	var report struct {
		RuntimeError struct{ Message string }
		Categories   map[string]struct {
			Score     float64
			AuditRefs []struct {
				ID     string
				Weight float64
			}
		}
		Audits map[string]struct {
			Title, Explanation string
			Score              *float64
		}
	}
	runJSON(t, cmd, &report)
	if report.RuntimeError.Message != "" {
		t.Fatalf("Lighthouse fails at %s: %s", address, report.RuntimeError.Message)
	}
	scores = make(map[string]float64)
	for name, category := range report.Categories {
		scores[name] = category.Score * 100
		for _, ref := range category.AuditRefs {
			if a := report.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < 0.9 {
				findings = append(findings, Finding{address, "lighthouse", name + "/" + ref.ID, a.Explanation, a.Title})
			}
		}
	}
	return scores, findings
}

// Linkinator follows all links from an address on the same host.
func Linkinator(t testing.TB, address string) (links int, findings []Finding) {
	t.Helper()
	cmd := npmCommand(t, needLinkinator, "linkinator", "build/src/cli.js", address, "--recurse", "--check-fragments", "--format", "json",
		"--verbosity", "info", "--skip", `^(?!`+address+`)`)
	var report struct {
		Links []struct {
			URL, State, Parent string
			Status             int
		}
	}
	runJSON(t, cmd, &report)
	for _, l := range report.Links {
		if l.State == "BROKEN" {
			findings = append(findings, Finding{l.Parent, "linkinator", "broken", l.URL, "does not answer as it should"})
		}
	}
	return len(report.Links), findings
}
