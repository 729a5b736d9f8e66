package git_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"netsync/schema/testkit/npmtest"
	"netsync/worker/git"
)

func TestMain(m *testing.M) {
	npmtest.SetProperties(15, 100)
	goleak.VerifyTestMain(m)
}

// A source is a repository that a test fills and reads with git itself.
type source struct {
	tb      testing.TB
	dir     string
	address string // for mirrors, where it is not dir
}

// elsewhere is the same repository, spoken to as if it were on another machine.
func (s source) elsewhere() source {
	s.address = "file://" + s.dir
	return s
}

func newSource(tb testing.TB, options ...string) source {
	tb.Helper()
	s := source{tb: tb, dir: filepath.Join(tb.TempDir(), "source.git")}
	s.run(nil, append(append([]string{"init", "--quiet", "--bare", "--initial-branch=main"}, options...), s.dir)...)
	return s
}

func (s source) run(stdin []byte, args ...string) string {
	s.tb.Helper()
	cmd := exec.Command("git", args...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.org", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.org")
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.tb.Fatalf("git %s: %v\n%s", args, err, stderr.String())
	}
	return string(out)
}

// git runs a git command in the repository.
func (s source) git(args ...string) string {
	s.tb.Helper()
	return strings.TrimSpace(s.run(nil, append([]string{"--git-dir=" + s.dir}, args...)...))
}

// A commit is one step of a history. Steps are named by their place in it,
// from 1.
type commit struct {
	branch  string // "main" where it is ""
	parents []int
	message string
	author  string // "Ada" where it is ""
	time    int    // seconds; its place in the history where it is 0
	files   []file
}

// A file of a tree. A submodule has a commit's name as its content.
type file struct{ path, content, mode string }

// commits writes a history in one go and returns the commits' names.
func (s source) commits(history ...commit) []git.CommitID {
	s.tb.Helper()
	var in bytes.Buffer
	for i, c := range history {
		fmt.Fprintf(&in, "commit refs/heads/%s\nmark :%d\n", or(c.branch, "main"), i+1)
		seconds := c.time
		if seconds == 0 {
			seconds = 1_700_000_000 + i
		}
		fmt.Fprintf(&in, "author %s <a@example.org> %d +0100\ncommitter C <c@example.org> %d +0100\n", or(c.author, "Ada"), seconds, seconds)
		message := or(c.message, "Step "+strconv.Itoa(i+1))
		fmt.Fprintf(&in, "data %d\n%s\n", len(message), message)
		for j, parent := range c.parents {
			word := "merge"
			if j == 0 {
				word = "from"
			}
			fmt.Fprintf(&in, "%s :%d\n", word, parent)
		}
		in.WriteString("deleteall\n")
		for _, f := range c.files {
			if f.mode == "160000" {
				fmt.Fprintf(&in, "M 160000 %s %s\n", f.content, quoted(f.path))
				continue
			}
			fmt.Fprintf(&in, "M %s inline %s\ndata %d\n%s\n", or(f.mode, "100644"), quoted(f.path), len(f.content), f.content)
		}
	}
	marks := filepath.Join(s.tb.TempDir(), "marks")
	s.run(in.Bytes(), "--git-dir="+s.dir, "fast-import", "--quiet", "--force", "--export-marks="+marks)
	data, err := os.ReadFile(marks)
	if err != nil {
		s.tb.Fatal(err)
	}
	ids := make([]git.CommitID, len(history))
	for line := range strings.Lines(string(data)) {
		mark, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.Atoi(mark[1:]); err == nil && n <= len(ids) {
			ids[n-1] = git.CommitID(id)
		}
	}
	return ids
}

// quoted writes a path as git fast-import reads it.
func quoted(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(path) {
		fmt.Fprintf(&b, "\\%03o", path[i])
	}
	return b.String() + `"`
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func files(paths ...string) []file {
	var out []file
	for _, path := range paths {
		name, content, ok := strings.Cut(path, "=")
		if !ok {
			content = "content of " + name
		}
		out = append(out, file{path: name, content: content})
	}
	return out
}

func mirror(tb testing.TB, s source, ref string) *git.Mirror {
	tb.Helper()
	return mirrorAt(tb, s, ref, filepath.Join(tb.TempDir(), "mirror"))
}

func mirrorAt(tb testing.TB, s source, ref, dir string) *git.Mirror {
	tb.Helper()
	m, err := git.Open(tb.Context(), git.Config{Repository: or(s.address, s.dir), Ref: ref, Dir: dir})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := m.Close(); err != nil {
			tb.Error(err)
		}
	})
	return m
}

// fetched brings the tip into the mirror and returns it.
func fetched(tb testing.TB, m *git.Mirror) git.CommitID {
	tb.Helper()
	tip, err := m.Tip(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if err := m.Fetch(tb.Context(), tip); err != nil {
		tb.Fatal(err)
	}
	return tip
}
