package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestPreview runs the command as the README tells, until Ctrl-C.
func TestPreview(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sampleRepository(t, dir)
	theme := filepath.Join(dir, "our-theme")
	if out, err := program("theme", "new", theme).CombinedOutput(); err != nil {
		t.Fatalf("netsync theme new: %v\n%s", err, out)
	}
	record := filepath.Join(dir, "dataset", "networks", "leru.yaml")
	data, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(record, []byte(strings.Replace(string(data), "tier: key", "teir: key", 1)), 0o644); err != nil {
		t.Fatal(err)
	}

	cmd := program("preview", filepath.Join(dir, "dataset"), "--theme", theme, "--listen", "127.0.0.1:0")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended as a rule
	lines := bufio.NewReader(stdout)
	first, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := regexp.MustCompile(`http://\S+/`).FindString(first)
	response, err := http.Get(address + "networks/leru/")
	if err != nil {
		t.Fatalf("%q: %v", first, err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"League of European Research Universities", "assets/theme.", "networks/leru.yaml:5:1", "is not shown as it lies there"} {
		if !strings.Contains(string(page), word) {
			t.Errorf("the page does not say %q", word)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("netsync preview: %v", err)
	}
	for _, word := range []string{"looked at everything", "--> ", "networks/leru.yaml:5:1", `Did you mean "tier"?`} {
		if !strings.Contains(string(rest), word) {
			t.Errorf("the terminal does not say %q:\n%s", word, rest)
		}
	}
}
