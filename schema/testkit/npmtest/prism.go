package npmtest

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"netsync/schema/testkit/porttest"
)

// Prism serves GitHub's own description of its API (the npm packages
// @octokit/openapi and @stoplight/prism-cli, needed for prism), as far as some
// paths go, and returns its address. It answers with the description's
// examples and refuses what the description does not allow. It keeps nothing.
func Prism(t testing.TB, paths ...string) string {
	t.Helper()
	program := filepath.Join(Folder(t, "@stoplight/prism-cli", "prism"), "dist", "index.js")
	description := filepath.Join(Folder(t, "@octokit/openapi", "prism"), "generated", "api.github.com.json")
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("npm packages are installed, and Node is not: %v", err)
	}
	address := porttest.Free(t)
	cmd := exec.Command(node, program, "mock", "--errors", "--host", "127.0.0.1", "--port", porttest.Port(t, address), part(t, description, paths))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan string, 1)
	go func() { ended <- watch(output, ready) }()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		_ = cmd.Wait()                                      // a kill is no failure
	})
	select {
	case <-ready:
	case log := <-ended:
		t.Fatalf("Prism ended:\n%s", log)
	case <-time.After(5 * time.Minute):
		t.Fatal("Prism does not start")
	}
	return "http://" + address
}

// watch reads what Prism prints, and tells when it is ready.
func watch(output io.Reader, ready chan<- struct{}) (log string) {
	var lines strings.Builder
	for scanner := bufio.NewScanner(output); scanner.Scan(); {
		if ready != nil && strings.Contains(scanner.Text(), "Prism is listening") {
			close(ready)
			ready = nil
		}
		lines.WriteString(scanner.Text() + "\n")
	}
	return lines.String()
}

// part writes a description of some paths out of one of all, with what they
// refer to: the whole of it takes a minute to read on a busy machine.
func part(t testing.TB, description string, paths []string) string {
	t.Helper()
	data, err := os.ReadFile(description)
	if err != nil {
		t.Fatal(err)
	}
	var whole struct {
		OpenAPI    string                                `json:"openapi"`
		Info       json.RawMessage                       `json:"info"`
		Servers    json.RawMessage                       `json:"servers"`
		Paths      map[string]json.RawMessage            `json:"paths"`
		Components map[string]map[string]json.RawMessage `json:"components"`
	}
	if err := json.Unmarshal(data, &whole); err != nil {
		t.Fatal(err)
	}
	for path := range whole.Paths {
		if !slices.Contains(paths, path) {
			delete(whole.Paths, path)
		}
	}
	if len(whole.Paths) != len(paths) {
		t.Fatalf("GitHub's description has only %d of %q", len(whole.Paths), paths)
	}
	used := make(map[string]map[string]json.RawMessage)
	for _, item := range whole.Paths {
		collect(t, item, whole.Components, used)
	}
	whole.Components = used
	if data, err = json.Marshal(whole); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// collect gathers the components that a part of the description refers to, and
// those that they refer to.
func collect(t testing.TB, part json.RawMessage, all, used map[string]map[string]json.RawMessage) {
	t.Helper()
	for _, piece := range strings.Split(string(part), `"#/components/`)[1:] {
		reference, _, _ := strings.Cut(piece, `"`)
		kind, name, _ := strings.Cut(reference, "/")
		component, ok := all[kind][name]
		if !ok {
			continue // a text that looks like a reference
		}
		if _, has := used[kind][name]; has {
			continue
		}
		if used[kind] == nil {
			used[kind] = make(map[string]json.RawMessage)
		}
		used[kind][name] = component
		collect(t, component, all, used)
	}
}
