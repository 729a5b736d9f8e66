package worker_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"netsync/schema"
	"netsync/worker"
	"netsync/worker/git"
)

func TestEveryPassIsReportedAlike(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var reported []string
	note := func(c *worker.Config) {
		c.Report = func(r worker.Result) {
			reported = append(reported, fmt.Sprintf("%s: %d live, %d findings", r.Commit, r.Live, len(r.Findings)))
		}
	}
	f.syncer = f.with(note)
	if _, err := f.SyncWith(t.Context(), worker.Options{DryRun: true}); err != nil || len(reported) > 0 {
		t.Fatalf("a dry run reported %q: %v", reported, err)
	}
	f.sync()
	f.repo.replace("networks/leru.yaml", "tier: key", "tier: member")
	second := f.repo.commit("Change one record")
	f.sync()
	f.sync()
	f.syncer = f.with(note) // a restart
	f.sync()
	f.repo.write("README.md", "nothing of the dataset")
	third := f.repo.commit("Change nothing")
	f.sync()
	want := []string{second + ": 1 live, 0 findings", second + ": 1 live, 0 findings", second + ": 1 live, 0 findings", third + ": 0 live, 0 findings"}
	if got := reported[1:]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("reported\n%q, want\n%q", got, want)
	}
}

func TestAPullRequestIsComparedWithWhereItLeftTheBranch(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.git("switch", "--quiet", "--create", "side")
	r.replace("networks/leru.yaml", "tier: key", "tier: member")
	r.replace("networks/eua.yaml", "tier:", "teir:")
	head := r.commit("One good change and a mistake")
	r.git("update-ref", "refs/pull/3/head", head)
	r.git("switch", "--quiet", "main")
	r.replace("networks/iau.yaml", "tier:", "# the branch goes on\ntier:")
	r.commit("Go on")

	good := func(schema.RecordID) schema.Stored { return schema.Stored{} }
	p := &worker.Pulls{Git: git.Config{Repository: r.dir, Ref: "main", Dir: filepath.Join(t.TempDir(), "pulls")}, Published: good}
	t.Cleanup(func() { p.Close() })
	got, c, err := p.Compare(t.Context(), 3, git.CommitID(head))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != head || len(c.Changes) != 1 || c.Changes[0].ID != "leru" || len(c.Before) != 0 || len(c.After) == 0 || c.Manifest == nil || c.State.Len() == 0 {
		t.Errorf("head %s: %+v", got, c)
	}
	if _, _, err := p.Compare(t.Context(), 3, git.CommitID("0123456789012345678901234567890123456789")); !errors.Is(err, worker.ErrNotThere) {
		t.Errorf("a head that is yet to come: %v", err)
	}
	if _, _, err := p.Compare(t.Context(), 4, ""); err == nil {
		t.Error("a pull request that is not there was compared")
	}
}
