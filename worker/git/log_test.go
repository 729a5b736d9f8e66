package git_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"netsync/worker/git"
)

func TestNoFileNameIsTakenForACommit(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	names := []string{"\x01" + strings.Repeat("0", 40), "\x01x", "\n", "\n:", ":100644 100644 0 0 M", "a\nb", "networks/a.yaml"}
	slices.Sort(names)
	ids := s.commits(commit{files: files(names...)}, commit{parents: []int{1}, files: files("a")})
	m := mirror(t, s, "main")
	fetched(t, m)
	touches, err := m.Log(t.Context(), "", ids[1], "")
	if err != nil || len(touches) != 2 {
		t.Fatalf("Log() = %+v, %v", touches, err)
	}
	if got := touches[1].Paths; !slices.Equal(got, names) {
		t.Errorf("files %q, want %q", got, names)
	}
}

func TestALogSinceACommitThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	tip := s.commits(commit{files: files("a")}, commit{parents: []int{1}, files: files("b")})[1]
	m := mirror(t, s, "main")
	fetched(t, m)
	gone := git.CommitID(strings.Repeat("ab", 20))
	if touches, err := m.Log(t.Context(), gone, tip, ""); !errors.Is(err, git.ErrMissing) || !strings.Contains(err.Error(), string(gone)) {
		t.Errorf("Log() = %+v, %v", touches, err)
	}
}

// TestADamagedCommitIsReadAsFarAsItGoes writes commits as no git would, and as
// a git server may take them.
func TestADamagedCommitIsReadAsFarAsItGoes(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	first := s.commits(commit{files: files("a")})[0]
	tree := s.git("rev-parse", string(first)+"^{tree}")
	tip := string(first)
	for _, committer := range []string{"C", "C <c@example.org>", "C <c@example.org> -5 +0000", "C <c@example.org> 99999999999999999999 +0000", "C <c@example.org> 999999999999 +0000"} {
		raw := fmt.Sprintf("tree %s\nparent %s\nauthor \xff\x01 <a> x\ncommitter %s\n\nSub\x00ject\n", tree, tip, committer)
		tip = strings.TrimSpace(s.run([]byte(raw), "--git-dir="+s.dir, "hash-object", "-t", "commit", "-w", "--stdin", "--literally"))
	}
	s.git("update-ref", "refs/heads/main", tip)
	m := mirror(t, s, "main")
	fetched(t, m)
	touches, err := m.Log(t.Context(), first, git.CommitID(tip), "")
	if err != nil || len(touches) != 5 {
		t.Fatalf("Log() = %+v, %v", touches, err)
	}
	for _, touch := range touches {
		if text, err := touch.Time.MarshalJSON(); err != nil || touch.Subject != "Sub" {
			t.Errorf("%+v: %s, %v", touch, text, err)
		}
	}
}
