package worker_test

import (
	"fmt"
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
	for i := range made {
		f.repo.replace("networks/leru.yaml", "tier:", fmt.Sprintf("# %d\ntier:", i))
		if i == made-1 {
			f.repo.replace("networks/leru.yaml", "tier: key", "tier: member")
		}
		f.repo.commit(fmt.Sprint("Edit ", i))
	}
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
