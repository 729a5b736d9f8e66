package worker_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestACommitMessageOfAnySizeIsPublished commits messages of which one alone
// would fill an event.
func TestACommitMessageOfAnySizeIsPublished(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	f.repo.replace("networks/leru.yaml", "tier: key", "tier: member")
	f.repo.git("add", "--all")
	f.repo.gitWithInput(strings.Repeat("wörd ", 2<<20)+"\n\nNetsync-Significance: trivial\n", "commit", "--quiet", "--file=-")
	r := f.sync()
	if len(r.Changes) != 1 {
		t.Fatalf("%d changes", len(r.Changes))
	}
	c := r.Changes[0]
	if n := utf8.RuneCountInString(c.Commits[0].Subject); n != 300 || !strings.HasPrefix(c.Commits[0].Subject, "wörd wörd ") {
		t.Errorf("a subject of %d characters: %.20q", n, c.Commits[0].Subject)
	}
	if c.Significance != "trivial" {
		t.Errorf("significance %s: the trailer was not read", c.Significance)
	}
}

func TestAnEventListsAHundredCommits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	const made = 103
	leru, err := os.ReadFile(filepath.Join(f.repo.dir, "networks", "leru.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	// One process creates them all, instead of 300 of "git commit".
	history, text := new(strings.Builder), string(leru)
	for i := range made {
		text = strings.Replace(text, "tier:", fmt.Sprintf("# %d\ntier:", i), 1)
		if i == made-1 {
			text = strings.Replace(text, "tier: key", "tier: member", 1)
		}
		subject := fmt.Sprint("Edit ", i)
		fmt.Fprintf(history, "commit refs/heads/main\ncommitter Ada <ada@example.org> %d +0000\ndata %d\n%s\n", f.now.Unix()+int64(i), len(subject), subject)
		if i == 0 {
			history.WriteString("from refs/heads/main^0\n")
		}
		fmt.Fprintf(history, "M 100644 inline networks/leru.yaml\ndata %d\n%s\n", len(text), text)
	}
	f.repo.gitWithInput(history.String(), "fast-import", "--quiet")
	r := f.sync()
	if len(r.Changes) != 1 {
		t.Fatalf("%d changes", len(r.Changes))
	}
	c := r.Changes[0]
	if len(c.Commits) != 100 || c.CommitsTotal != made || c.Commits[0].Subject != "Edit 102" {
		t.Errorf("%d of %d commits, the newest is %q", len(c.Commits), c.CommitsTotal, c.Commits[0].Subject)
	}
	f.messages()
}
