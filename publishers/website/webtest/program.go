package webtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"netsync/schema/testkit/npmtest"
)

// Names in NETSYNC_TEST_REQUIRE.
const (
	needHTML       = "html" // Java, and validators from npm
	needAxe        = "axe"
	needBrowser    = "browser"
	needLighthouse = "lighthouse"
	needLinkinator = "linkinator"
)

// npmCommand returns a command that runs a file of an npm package with node.
func npmCommand(t testing.TB, needed, name, file string, args ...string) *exec.Cmd {
	t.Helper()
	full := filepath.Join(npmtest.Folder(t, name, needed), filepath.FromSlash(file))
	return exec.CommandContext(t.Context(), npmtest.Program(t, needed, "node"), append([]string{full}, args...)...)
}

// runJSON runs a program and decodes its JSON output. A non-zero exit code is
// not an error, since programs use it to report findings.
func runJSON(t testing.TB, cmd *exec.Cmd, into any) {
	t.Helper()
	var complaints bytes.Buffer
	// Node truncates output to a pipe if it exits at once, but not to a file.
	answer, err := os.Create(filepath.Join(t.TempDir(), "answer"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Close() // it is read by name
	cmd.Stdout, cmd.Stderr = answer, &complaints
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %s: %v", cmd, err)
	}
	out, err := os.ReadFile(answer.Name())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%s says no JSON: %v\n%.2000s\n%.2000s", cmd, err, out, complaints.Bytes())
	}
}

func writeFile(t testing.TB, name string, data []byte) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		err = os.WriteFile(name, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
