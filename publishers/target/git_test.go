package target_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"netsync/publishers/target"
	"netsync/schema/shared/gitcommand/gittest"
	"netsync/schema/testkit/npmtest"
)

// A repository is a Git repository that others see and write to.
type repository struct {
	tb                testing.TB
	dir, branch, path string
}

func (r repository) git(stdin string, args ...string) string {
	r.tb.Helper()
	cmd := exec.Command("git", append([]string{"-C", r.dir, "-c", "user.name=Eve", "-c", "user.email=eve@example.org", "-c", "core.autocrlf=false"}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
	out, err := cmd.Output()
	if err != nil {
		r.tb.Fatalf("git %v: %v\n%s", args, err, stderr.String())
	}
	return string(out)
}

func newRepository(tb testing.TB, branch, path string) repository {
	tb.Helper()
	r := repository{tb, tb.TempDir(), branch, path}
	r.git("", "init", "--quiet", "--bare", "--initial-branch=main")
	return r
}

func (r repository) ref() string { return "refs/heads/" + r.branch }

func (r repository) tip() string {
	r.tb.Helper()
	return strings.TrimSpace(r.git("", "for-each-ref", "--format=%(objectname)", r.ref()))
}

// all are the files of the branch, by path from the root.
func (r repository) all() map[string]string {
	r.tb.Helper()
	files := make(map[string]string)
	if r.tip() == "" {
		return files
	}
	archive := tar.NewReader(strings.NewReader(r.git("", "archive", "--format=tar", r.ref())))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			r.tb.Fatal(err)
		}
		data, err := io.ReadAll(archive)
		if err != nil {
			r.tb.Fatal(err)
		}
		if header.Typeflag == tar.TypeReg {
			files[header.Name] = string(data)
		}
	}
}

// files are those below the target's path.
func (r repository) files() map[string]string {
	r.tb.Helper()
	files := make(map[string]string)
	for name, content := range r.all() {
		if rest, ok := strings.CutPrefix(name, filepath.Join(r.path, "x")[:len(filepath.Join(r.path, "x"))-1]); ok {
			files[rest] = content
		}
	}
	return files
}

// alter makes a commit of somebody else's.
func (r repository) alter(changes map[string]*string) {
	r.tb.Helper()
	index := filepath.Join(r.tb.TempDir(), "index")
	env := func(args ...string) []string { return append([]string{"--work-tree=" + r.tb.TempDir()}, args...) }
	run := func(stdin string, args ...string) string {
		r.tb.Helper()
		cmd := exec.Command("git", append([]string{"-C", r.dir}, env(args...)...)...)
		cmd.Env = append(os.Environ(), "GIT_INDEX_FILE="+index)
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.CombinedOutput()
		if err != nil {
			r.tb.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	tip := r.tip()
	if tip != "" {
		run("", "read-tree", tip)
	}
	for name, content := range changes {
		at := filepath.Join(r.path, name)
		if content == nil {
			run("", "update-index", "--force-remove", at)
			continue
		}
		run("", "update-index", "--add", "--cacheinfo", "100644,"+strings.TrimSpace(r.git(*content, "hash-object", "-w", "--stdin"))+","+at)
	}
	args := []string{"commit-tree", "-m", "By somebody else", run("", "write-tree")}
	if tip != "" {
		args = append(args, "-p", tip)
	}
	r.git("", "update-ref", r.ref(), strings.TrimSpace(r.git("", args...)))
}

func gitTarget(t testing.TB, r repository, change func(*target.GitConfig)) *target.Git {
	t.Helper()
	c := target.GitConfig{
		Label: "site", Repository: r.dir, Branch: r.branch, Path: r.path, Dir: filepath.Join(t.TempDir(), "push.git"),
		AuthorName: "netsync", AuthorEmail: "netsync@localhost",
	}
	if change != nil {
		change(&c)
	}
	g, err := target.NewGit(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGitTarget(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path    string
		address func(t *testing.T, dir string) string
		begun   bool // the branch is there already
		shared  bool // processes share the local repository
		long    bool // part of the long form
	}{
		"an empty repository":         {long: true},
		"a branch that is missing":    {path: "docs/site", shared: true, long: true},
		"a branch with other things":  {begun: true, path: "public"},
		"a repository at file://":     {address: func(_ *testing.T, dir string) string { return "file://" + dir }, begun: true},
		"over http, behind a token":   {address: private, path: "a", long: true},
		"processes one after another": {shared: true, begun: true, long: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.long {
				npmtest.Need(t, "long")
			}
			r := newRepository(t, "gh-pages", test.path)
			if test.begun {
				repository{t, r.dir, r.branch, ""}.alter(map[string]*string{"elsewhere/code.go": text("package x"), "elsewhere.txt": text("x")})
			}
			address, dir := r.dir, filepath.Join(t.TempDir(), "shared.git")
			if test.address != nil {
				address = test.address(t, r.dir)
			}
			away := r.dir + ".away"
			testTarget(t, &place{
				open: func(t *testing.T) target.Target {
					return gitTarget(t, r, func(c *target.GitConfig) {
						if c.Repository, c.Token = address, token; test.shared {
							c.Dir = dir
						}
					})
				},
				files: func(t *testing.T) map[string]string { return r.files() },
				alter: func(t *testing.T, changes map[string]*string) { r.alter(changes) },
				reach: func(t *testing.T, up bool) {
					from, to := r.dir, away
					if up {
						from, to = away, r.dir
					}
					if err := os.Rename(from, to); err != nil {
						t.Fatal(err)
					}
				},
				steps: []string{"commit", "push", "pushed"}, whole: true,
			})
			if test.begun && test.path != "" && len(r.all()) < 2+len(r.files()) {
				t.Error("what lies outside the path was touched")
			}
		})
	}
}

// token lets in where one is asked for.
const token = "s3cret-token"

func private(t *testing.T, dir string) string { return gittest.Private(t, dir, token) }
