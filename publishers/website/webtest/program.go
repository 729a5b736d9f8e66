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

// What NETSYNC_TEST_REQUIRE calls that which the checks need.
const (
	needHTML       = "html" // Java, and validators from npm
	needAxe        = "axe"
	needBrowser    = "browser"
	needLighthouse = "lighthouse"
	needLinkinator = "linkinator"
)

// script prepares a program of an npm package, by its path in the package.
func script(t testing.TB, needed, name, file string, args ...string) *exec.Cmd {
	t.Helper()
	full := filepath.Join(npmtest.Folder(t, name, needed), filepath.FromSlash(file))
	return exec.CommandContext(t.Context(), npmtest.Program(t, needed, "node"), append([]string{full}, args...)...)
}

// answer runs a program that writes JSON, and may say by its exit code that it
// found something.
func answer(t testing.TB, cmd *exec.Cmd, into any) {
	t.Helper()
	var complaints bytes.Buffer
	// A program of node that ends at once cuts off what it has put into a pipe,
	// and not what it has put into a file.
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

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		err = os.WriteFile(name, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
