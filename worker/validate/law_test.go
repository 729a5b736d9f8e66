package validate_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netsync/schema/shared/gitcommand/gittest"
	"netsync/worker/git"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

const lawManifest = "schema: netsync/v1\nid: law\ntitle: Law\nlanguages: [en]\nvocabularies: {topics: {water: Water}}\n"

// variants are what may stand in each file: they refer to one another, claim
// the same, go in circles, and break.
var variants = map[string][]string{
	"dataset.yaml": {
		lawManifest,
		strings.Replace(lawManifest, "water: Water", "fire: Fire", 1),
		strings.Replace(lawManifest, "[en]", "[en, nl]", 1),
		"", "broken: [\n",
	},
	"networks/a.yaml":           {"", network("a", "membership: {successor: b}"), network("a", "membership: {until: 2001}"), network("a", "topics: [water]"), "id: a\n"},
	"networks/b.yaml":           {"", network("b", "membership: {successor: c}"), network("b", "membership: {successor: a}"), network("b", "aliases: [c]"), network("b", "name: A")},
	"networks/x/b.yaml":         {"", "", network("b", "")},
	"networks/c.yaml":           {"", network("c", "membership: {successor: a}"), network("c", "partners: [o]"), network("c", "members: {organizations: [a]}"), network("c", "logo: {path: assets/l.svg}"), network("c", "logo: {path: assets/L.svg, alt: L}")},
	"organizations/o.yaml":      {"", "id: o\nname: O\nkind: other\n", "id: o\nname: P\nkind: other\nlinks: [{rel: homepage, url: \"https://example.org/\"}]\n", "id: o\nname: {en: O, nl: O}\nkind: othr\n", "id: o\nname: O\nkind: other\nlogo: {path: assets/l.svg}\n"},
	"organizations/p.yaml":      {"", "id: p\nname: P\nkind: other\n", "id: p\nname: p\nkind: other\nlinks: [{rel: homepage, url: \"http://example.org\"}]\naliases: [o]\n"},
	"organizations/a.yaml":      {"", "", "id: a\nname: A\nkind: other\n"},
	"activities/act.yaml":       {"", "id: act\nname: Act\nkind: project\nnetwork: a\n", "id: act\nname: Act\nkind: project\nnetwork: o\n", "id: act\nname: Act\nkind: project\nnetwork: aa\npartners: [oo]\n"},
	"assets/l.svg":              {"", `<svg xmlns="http://www.w3.org/2000/svg"/>`, `<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3px"/>`, `<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>`},
	"assets/L.svg":              {"", "", `<svg xmlns="http://www.w3.org/2000/svg"/>`, "no image"},
	"Networks/stray.yaml":       {"", "", "id: stray\n"},
	"organizations/folder/q.md": {"", "nothing\n"},
}

func network(id, more string) string {
	name := "name: " + strings.ToUpper(id) + "\n"
	if strings.HasPrefix(more, "name:") {
		name = ""
	}
	return fmt.Sprintf("id: %s\n%stier: member\nkind: alliance\npurposes: [advocacy]\nsummary: Some.\n%s\n", id, name, more)
}

// TestWhatIsFoundDoesNotDependOnTheWayThere holds the check of what changed
// against a check of everything, after each of many random commits, and the
// records that an update gives against those of reading everything.
func TestWhatIsFoundDoesNotDependOnTheWayThere(t *testing.T) {
	t.Parallel()
	// 29534 renames a missing image to one that differs in case alone.
	for _, seed := range []uint64{29534, uint64(os.Getpid())} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			holdLaw(t, rand.New(rand.NewPCG(seed, 0)))
		})
	}
}

func holdLaw(t *testing.T, random *rand.Rand) {
	t.Helper()
	dir := t.TempDir()
	run := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", gittest.NoMaintenance}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("init", "--quiet", "--initial-branch=main")
	var snap *snapshot.Snapshot
	var checker validate.Checker
	var last git.CommitID
	repo, err := git.OpenRepository(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	for step := range 60 {
		scramble(t, random, dir, step == 0)
		run("add", "--all")
		run("commit", "--quiet", "--allow-empty", "--message=Step")
		tip := git.CommitID(gittest.Head(t, dir))
		var delta *snapshot.Delta
		if snap == nil {
			snap, delta, err = snapshot.Read(t.Context(), repo, tip, "", options())
		} else {
			delta, err = snap.Update(t.Context(), repo, last, tip, "", options())
		}
		if err != nil {
			t.Fatal(err)
		}
		last = tip
		got := checker.Check(snap, delta)
		fresh, all, err := snapshot.Read(t.Context(), repo, tip, "", options())
		if err != nil {
			t.Fatal(err)
		}
		var whole validate.Checker
		if diff := cmp.Diff(whole.Check(fresh, all), got); diff != "" {
			t.Fatalf("step %d (-all +changed):\n%s\n%s", step, diff, run("show", "--format="))
		}
		if diff := cmp.Diff(published(fresh), published(snap)); diff != "" {
			t.Fatalf("step %d: records (-all +changed):\n%s\n%s", step, diff, run("show", "--format="))
		}
	}
}

// published are the records of a snapshot in their published form, which takes
// what they say of their images from those.
func published(s *snapshot.Snapshot) map[string]string {
	all := make(map[string]string)
	for _, id := range s.IDs() {
		if record, ok := s.Get(id); ok {
			all[id.String()] = string(record.JSON)
		}
	}
	return all
}

// scramble gives a few files other contents; all of them the first time.
func scramble(t *testing.T, random *rand.Rand, dir string, all bool) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(variants)) {
		choices := variants[name]
		if !all && random.IntN(6) > 0 {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		content := choices[random.IntN(len(choices))]
		if content == "" {
			if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
