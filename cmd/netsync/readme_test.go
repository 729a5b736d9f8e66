package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// commands returns the command lines of README.md, and the example
// configuration that they use.
func readme(t *testing.T) (commands []string, configuration string) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		commands = append(commands, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	yaml := regexp.MustCompile("(?s)```yaml\n# netsync.yaml\n(.*?)```").FindStringSubmatch(string(text))
	if len(commands) == 0 || yaml == nil {
		t.Fatal("README.md has lost its commands")
	}
	return commands, yaml[1]
}

// elsewhere are the README's commands that other tests run: the demo by those
// of the demo, go test by running at all, the installation is a build, a rollback
// needs a release before the current one (script/rollback.txtar), and a preview
// goes on until somebody ends it (TestPreview).
var elsewhere = map[string]bool{
	"go run ./cmd/netsync demo": true,
	"go test ./...":             true,
	"go install ./cmd/netsync":  true,

	"netsync rollback website -c netsync.yaml": true,

	"netsync preview my-networks":                   true,
	"netsync preview my-networks --theme our-theme": true,
}

func TestEveryCommandOfTheReadmeWorks(t *testing.T) {
	t.Parallel()
	commands, configuration := readme(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "netsync.yaml"), []byte(configuration), 0o644); err != nil {
		t.Fatal(err)
	}
	people := "address,language\nada@example.org,en\neve@example.org,\n"
	if err := os.WriteFile(filepath.Join(dir, "people.csv"), []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(bin, "netsync")); err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for _, line := range commands {
		if found[line] = true; elsewhere[line] || strings.HasPrefix(line, recipe) {
			continue
		}
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), asProgram+"=1", "PATH="+bin+":"+os.Getenv("PATH"),
			"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.org", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.org")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
	}
	for line := range elsewhere {
		if !found[line] {
			t.Errorf("README.md does not say %q any more", line)
		}
	}
}
