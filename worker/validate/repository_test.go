package validate_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"netsync/schema"
	"netsync/schema/testkit/corpora"
	"netsync/schema/testkit/npmtest"
	"netsync/worker/git"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
	"netsync/worker/yaml"
)

// options check every file by the rules.
func options() snapshot.Options {
	return validate.Options(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
}

// A treeFile is a file of a commit, of any mode.
type treeFile struct{ mode, path, content string }

// commitOf makes a bare repository with one commit. The files are written as
// they are asked for, so that there can be very many.
func commitOf(tb testing.TB, files func(yield func(treeFile) bool)) (*git.Repository, git.CommitID) {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "dataset.git")
	run := func(stdin io.Reader, args ...string) string {
		cmd := exec.Command("git", args...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		cmd.Stdin = stdin
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			tb.Fatalf("git %v: %v\n%s", args, err, stderr.String())
		}
		return strings.TrimSpace(string(out))
	}
	run(nil, "init", "--quiet", "--bare", "--initial-branch=main", dir)
	// fast-import takes the square of a folder's size, so it writes the blobs
	// only, and the index makes the trees.
	marks := filepath.Join(dir, "marks")
	var entries bytes.Buffer
	blobs, w := io.Pipe()
	go func() {
		n := 0
		for f := range files {
			name := f.content // of a submodule's commit
			if f.mode != "160000" {
				n++
				name = fmt.Sprintf(":%d", n)
				fmt.Fprintf(w, "blob\nmark %s\ndata %d\n%s\n", name, len(f.content), f.content)
			}
			fmt.Fprintf(&entries, "%s %s\t%s\x00", f.mode, name, f.path)
		}
		w.Close()
	}()
	run(blobs, "--git-dir="+dir, "fast-import", "--quiet", "--export-marks="+marks)
	run(strings.NewReader(withBlobs(tb, entries.String(), marks)), "--git-dir="+dir, "update-index", "-z", "--index-info")
	commit := run(nil, "--git-dir="+dir, "-c", "user.name=C", "-c", "user.email=c@example.org", "commit-tree", "-m", "Begin", run(nil, "--git-dir="+dir, "write-tree", "--missing-ok"))
	repository, err := git.OpenRepository(tb.Context(), dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { repository.Close() })
	return repository, git.CommitID(commit)
}

// withBlobs puts the names of blobs in the place of their marks.
func withBlobs(tb testing.TB, entries, marks string) string {
	tb.Helper()
	data, err := os.ReadFile(marks)
	if err != nil {
		tb.Fatal(err)
	}
	names := make(map[string]string)
	for line := range strings.Lines(string(data)) {
		mark, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		names[mark] = name
	}
	var b strings.Builder
	for entry := range strings.SplitSeq(strings.TrimSuffix(entries, "\x00"), "\x00") {
		head, path, _ := strings.Cut(entry, "\t")
		mode, name, _ := strings.Cut(head, " ")
		if blob, ok := names[name]; ok {
			name = blob
		}
		b.WriteString(mode + " " + name + "\t" + path + "\x00")
	}
	return b.String()
}

// read reads a commit and checks it, and fails where a finding lacks something.
func read(t *testing.T, r *git.Repository, commit git.CommitID) (*snapshot.Snapshot, []schema.Finding) {
	t.Helper()
	s, delta, err := snapshot.Read(t.Context(), r, commit, "", options())
	if err != nil {
		t.Fatal(err)
	}
	findings := new(validate.Checker).Check(s, delta)
	checkSaid(t, findings)
	return s, findings
}

func checkSaid(t *testing.T, findings []schema.Finding) {
	t.Helper()
	for _, f := range findings {
		if f.File == "" || f.Line < 1 || f.Column < 1 || f.EndLine < f.Line || f.Rule == "" || f.Message == "" || f.Remedy == "" {
			t.Errorf("something is not said: %+v", f)
		}
	}
}

// has reports whether a file has a finding by a rule.
func has(findings []schema.Finding, file, rule string) bool {
	return slices.ContainsFunc(findings, func(f schema.Finding) bool { return f.File == file && f.Rule == rule })
}

const manifest = "schema: netsync/v1\nid: hostile\ntitle: Hostile\nlanguages: [en]\n"

func organization(id string) string {
	return "id: " + id + "\nname: Name of " + id + "\nkind: university\ncountry: NL\n"
}

// TestOnlyRegularFilesAreRecords reads a commit with what a tree can hold
// beside files, and names that not every disk can tell apart.
func TestOnlyRegularFilesAreRecords(t *testing.T) {
	t.Parallel()
	r, commit := commitOf(t, slices.Values([]treeFile{
		{"100644", "dataset.yaml", manifest},
		{"100644", "organizations/good.yaml", organization("good")},
		{"100755", "organizations/executable.yaml", organization("executable")},
		{"120000", "organizations/link.yaml", "/etc/passwd"},
		{"120000", "organizations/up.yaml", "../../../../etc/passwd"},
		{"160000", "organizations/module.yaml", strings.Repeat("1", 40)},
		{"160000", "organizations/modules", strings.Repeat("1", 40)},
		{"120000", "networks", "/etc"},
		{"100644", "organizations/Foo.yaml", organization("Foo")},
		{"100644", "organizations/foo.yaml", organization("foo")},
		{"100644", "organizations/A/same.yaml", organization("same")},
		{"100644", "organizations/a/same.yml", organization("same")},
		{"100644", "organizations/large.yaml", strings.Repeat("#", yaml.MaxSize+1)},
		{"100644", "organizations/\u001b[31m.yaml", organization("x")},
		{"100644", "organizations/a\nb.yaml", organization("x")},
		{"100644", "organizations/.yaml", organization("x")},
		{"100644", "organizations/" + strings.Repeat("a", 65) + ".yaml", organization(strings.Repeat("a", 65))},
		{"100644", strings.Repeat("organizations/", 60) + "deep.yaml", organization("deep")},
	}))
	s, findings := read(t, r, commit)
	for file, rule := range map[string]string{
		"organizations/link.yaml": "NS007", "organizations/up.yaml": "NS007", "organizations/module.yaml": "NS007", "organizations/large.yaml": "NS005",
		"organizations/Foo.yaml": "NS011", "organizations/a/same.yml": "NS013", "organizations/\u001b[31m.yaml": "NS011", "organizations/a\nb.yaml": "NS011",
		"organizations/.yaml": "NS011", "organizations/" + strings.Repeat("a", 65) + ".yaml": "NS011",
	} {
		if !has(findings, file, rule) {
			t.Errorf("%q has no finding %s; all are %v", file, rule, findings)
		}
	}
	for _, id := range []string{"good", "executable", "foo", "same", "deep"} {
		if _, ok := s.Get(schema.RecordID{Collection: schema.Organizations, ID: id}); !ok {
			t.Errorf("the record %s is not there", id)
		}
	}
	var report strings.Builder
	if err := (validate.Report{Findings: findings, Files: 1}).Write(&report, "text"); err != nil || strings.Contains(report.String(), "\x1b") || strings.Contains(report.String(), "a\nb.yaml") {
		t.Errorf("the report passes on what a file's name holds: %v\n%q", err, report.String())
	}
}

// TestAFolderIsReadLikeACommit is the same on a disk.
func TestAFolderIsReadLikeACommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"dataset.yaml": manifest, "organizations/good.yaml": organization("good"), "organizations/large.yaml": strings.Repeat("#", yaml.MaxSize+1),
		"organizations/a/same.yaml": organization("same"), "organizations/b/same.json": `{"id": "same", "name": "Same", "kind": "university"}`,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"organizations/link.yaml": "/etc/passwd", "organizations/loop.yaml": "loop.yaml", "organizations/round": "..", "networks": "/etc"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	s, delta, err := snapshot.ReadFolder(t.Context(), os.DirFS(dir), options())
	if err != nil {
		t.Fatal(err)
	}
	findings := new(validate.Checker).Check(s, delta)
	checkSaid(t, findings)
	for file, rule := range map[string]string{
		"organizations/link.yaml": "NS007", "organizations/loop.yaml": "NS007", "organizations/large.yaml": "NS005", "organizations/b/same.json": "NS013",
	} {
		if !has(findings, file, rule) {
			t.Errorf("%s has no finding %s; all are %v", file, rule, findings)
		}
	}
}

// TestAFolderMayHoldVeryManyFiles reads 20,000 records of one folder, of which
// every hundredth is wrong.
func TestAFolderMayHoldVeryManyFiles(t *testing.T) {
	t.Parallel()
	many := npmtest.Rounds(4_000, 20_000)
	r, commit := commitOf(t, manyFiles(many))
	s, findings := read(t, r, commit)
	if n := len(s.IDs()); n != many {
		t.Errorf("%d records, want %d", n, many)
	}
	wrong := 0
	for _, f := range findings {
		if f.Rule == "NS008" {
			wrong++
		}
	}
	if wrong != many/100 {
		t.Errorf("%d unknown keys, want %d", wrong, many/100)
	}
}

func manyFiles(n int) func(yield func(treeFile) bool) {
	return func(yield func(treeFile) bool) {
		yield(treeFile{"100644", "dataset.yaml", manifest})
		for i := range n {
			id := fmt.Sprintf("o%07d", i)
			content := organization(id)
			if i%100 == 0 {
				content += "nam: x\n"
			}
			yield(treeFile{"100644", "organizations/" + id + ".yaml", content})
		}
	}
}

// TestReferencesThatLeadNowhereTakeNoSquare has as many wrong terms and ids in
// a file as there is room for, and as many right ones to compare them with.
func TestReferencesThatLeadNowhereTakeNoSquare(t *testing.T) {
	r, commit := commitOf(t, func(yield func(treeFile) bool) {
		_ = yield(treeFile{"100644", "dataset.yaml", many(manifest+"vocabularies:\n  topics:\n", "    water-%x: W\n", "")})
		for i := range 3000 {
			id := fmt.Sprintf("org-of-%07d-x", i)
			_ = yield(treeFile{"100644", "organizations/" + id + ".yaml", organization(id)})
		}
		_ = yield(treeFile{"100644", "networks/terms.yaml", many("id: terms\ntopics: [", "watre-%x,", "w]\n")})
		_ = yield(treeFile{"100644", "networks/ids.yaml", many("id: ids\npartners: [", "org-off-%07d,", "o]\n")})
	})
	s, delta, err := snapshot.Read(t.Context(), r, commit, "", options())
	if err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := corpora.Clock()
	findings := new(validate.Checker).Check(s, delta)
	if took := corpora.Clock() - before; took > 3*corpora.Limit {
		t.Errorf("what is wrong between three files of note took %v", took)
	}
	checkSaid(t, findings)
	if len(findings) < 20_000 {
		t.Errorf("only %d findings", len(findings))
	}
}

// What very many files claim alike must not cost its square: neither when all
// of it is read, nor when it comes or goes by one commit.
func TestWhatManyFilesClaimAlikeCostsLittle(t *testing.T) {
	t.Parallel()
	npmtest.Need(t, "long")
	many := npmtest.Rounds(4_000, 20_000)
	for name, file := range map[string]func(i int) treeFile{
		"one name": func(i int) treeFile {
			return treeFile{"100644", fmt.Sprintf("organizations/o%d.yaml", i), fmt.Sprintf("id: o%d\nname: The Same\nkind: other\n", i)}
		},
		"one id": func(i int) treeFile {
			return treeFile{"100644", fmt.Sprintf("organizations/%d/same.yaml", i), "id: same\nname: The Same\nkind: other\n"}
		},
		"one alias": func(i int) treeFile {
			return treeFile{"100644", fmt.Sprintf("organizations/o%d.yaml", i), fmt.Sprintf("id: o%d\nname: O%d\nkind: other\naliases: [old]\n", i, i)}
		},
		"no image": func(i int) treeFile {
			return treeFile{"100644", fmt.Sprintf("organizations/o%d.yaml", i), fmt.Sprintf("id: o%d\nname: O%d\nkind: other\nlogo: {path: assets/gone.svg}\n", i, i)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo, commit := commitOf(t, func(yield func(treeFile) bool) {
				if !yield(treeFile{"100644", "dataset.yaml", lawManifest}) {
					return
				}
				for i := range many {
					if !yield(file(i)) {
						return
					}
				}
			})
			begun := time.Now()
			snap, delta, err := snapshot.Read(t.Context(), repo, commit, "", options())
			if err != nil {
				t.Fatal(err)
			}
			var checker validate.Checker
			if found := checker.Check(snap, delta); len(found) < many-1 {
				t.Errorf("%d findings for %d files", len(found), many)
			}
			// A file each at most a second is the contract; the square of this
			// many would take hours.
			if took := time.Since(begun); took > time.Minute {
				t.Errorf("it took %v", took)
			}
		})
	}
}
