package worker_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"netsync/schema/event"
	"netsync/worker"
)

func ops(r worker.Result) []string {
	var all []string
	for _, c := range r.Changes {
		all = append(all, string(c.Op)+" "+c.RecordID().String())
	}
	return all
}

func rules(r worker.Result) []string {
	var all []string
	for _, f := range r.Findings {
		if f.Severity == "error" {
			all = append(all, f.Name+" "+f.Record)
		}
	}
	return all
}

func check(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %q, want %q", what, got, want)
	}
}

func TestABrokenRecordKeepsItsLastGoodVersionAndTheOthersGoLive(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	before := len(f.messages())
	f.repo.replace("networks/leru.yaml", "tier: key", "teir: key")
	f.repo.replace("networks/eua.yaml", "count: 47", "count: 48")
	broken := f.repo.commit("A typo")
	r := f.sync()
	check(t, "changes", ops(r), []string{"updated networks/eua"})
	check(t, "quarantined", r.Quarantined, []string{"networks/leru"})
	if r.Held {
		t.Error("the whole commit is held")
	}
	unknown := r.Findings[slices.IndexFunc(r.Findings, func(x finding) bool { return x.Name == "unknown-key" })]
	if unknown.File != "networks/leru.yaml" || unknown.Line == 0 || unknown.Column != 1 || !strings.Contains(unknown.Remedy, `"tier"`) {
		t.Errorf("finding = %+v", unknown)
	}
	if unknown.FirstCommit != broken || !unknown.FirstSeen.Equal(f.now) {
		t.Errorf("first seen %s at %s", unknown.FirstSeen, unknown.FirstCommit)
	}
	all := f.messages()[before:]
	if len(all) != 3 || all[1].Findings == nil || all[1].Findings.Held || len(all[1].Findings.Quarantined) != 1 || all[2].Changeset == nil || all[2].Changeset.Findings.Error != 2 {
		t.Fatalf("events = %+v", all)
	}
	if f.sync(); len(f.messages()) != before+3 {
		t.Fatal("the same findings were announced twice")
	}
}

func TestMendingClearsTheFindingAndPublishesWhatIsDue(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	f.repo.replace("networks/leru.yaml", "tier: key", "tier: kye")
	f.repo.replace("networks/leru.yaml", "kind: ", "order: 17\nkind: ")
	f.repo.replace("networks/leru.yaml", "order: 3\n", "")
	first := f.repo.commit("A typo and a change")
	f.sync()
	// An edit above the error moves it, but it is the same finding.
	f.now = f.now.Add(time.Hour)
	f.repo.replace("networks/leru.yaml", "id: leru", "# Europe's research universities\nid: leru")
	f.repo.commit("A comment")
	r := f.another(0).mustSync(t)
	if len(r.Findings) == 0 || r.Findings[0].FirstCommit != first {
		t.Errorf("findings = %+v", r.Findings)
	}
	f.repo.replace("networks/leru.yaml", "tier: kye", "tier: key")
	f.repo.commit("Mend it")
	r = f.sync()
	check(t, "changes", ops(r), []string{"updated networks/leru"})
	check(t, "errors", rules(r), nil)
	if n := len(r.Changes[0].Commits); n != 1 {
		t.Logf("%d commits", n)
	}
	f.messages()
}

func TestOneErrorHoldsTheWholeCommitWhereErrorsAreRejected(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	strict := f.with(func(c *worker.Config) { c.OnInvalid = worker.Reject })
	strict.mustSync(t)
	f.repo.replace("networks/leru.yaml", "tier: key", "tier: kye")
	f.repo.replace("networks/eua.yaml", "count: 47", "count: 48")
	f.repo.commit("A typo")
	r := strict.mustSync(t)
	if !r.Held || len(r.Changes) != 0 || len(r.Quarantined) != 0 {
		t.Errorf("held %t, changes %v", r.Held, ops(r))
	}
	f.repo.replace("networks/leru.yaml", "tier: kye", "tier: key")
	f.repo.commit("Mend it")
	check(t, "changes", ops(strict.mustSync(t)), []string{"updated networks/eua"})
	f.messages()
}

func TestABrokenManifestHoldsTheWholeCommit(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	f.repo.replace("dataset.yaml", "time_zone: Europe/Amsterdam", "time_zone: Europe/Leiden")
	f.repo.replace("networks/eua.yaml", "count: 47", "count: 48")
	f.repo.commit("Where is it?")
	if r := f.sync(); !r.Held || len(r.Changes) != 0 {
		t.Errorf("held %t, changes %v", r.Held, ops(r))
	}
	f.repo.replace("dataset.yaml", "time_zone: Europe/Leiden", "time_zone: Europe/Amsterdam")
	f.repo.commit("There")
	check(t, "changes", ops(f.sync()), []string{"updated networks/eua"})
	f.messages()
}

func TestARemovalThatWouldLeaveADanglingReferenceWaits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	f.repo.git("rm", "--quiet", "organizations/tu-delft.yaml")
	f.repo.replace("networks/eua.yaml", "count: 47", "count: 48")
	f.repo.commit("Without Delft")
	r := f.sync()
	check(t, "changes", ops(r), []string{"updated networks/eua"})
	if !slices.Contains(r.Quarantined, "organizations/tu-delft") {
		t.Errorf("quarantined = %v", r.Quarantined)
	}
	i := slices.IndexFunc(r.Findings, func(x finding) bool { return x.Name == "removal-waits" })
	if i < 0 || r.Findings[i].Record != "organizations/tu-delft" || !strings.Contains(r.Findings[i].Message, "networks/lde-global") {
		t.Errorf("findings = %+v", r.Findings)
	}
	f.repo.replace("networks/lde-global.yaml", "tu-delft, ", "")
	f.repo.replace("networks/lde-global.yaml", "tu-delft, ", "")
	f.repo.commit("Nobody refers to it any more")
	check(t, "changes", ops(f.sync()), []string{"updated networks/lde-global", "removed organizations/tu-delft"})
	f.messages()
}

func TestWhatRefersToANewBrokenRecordWaitsForIt(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	f.repo.write("organizations/new-partner.yaml", "id: new-partner\nname: New Partner\nkind: universal\n")
	f.repo.write("networks/new-network.yaml", "id: new-network\nname: New\ntier: member\nkind: alliance\npurposes: [advocacy]\nsummary: New.\npartners: [new-partner]\n")
	f.repo.write("activities/new-hub.yaml", "id: new-hub\nname: New hub\nkind: hub\nnetwork: new-network\n")
	f.repo.commit("A chain")
	r := f.sync()
	check(t, "changes", ops(r), nil)
	check(t, "quarantined", r.Quarantined, []string{"activities/new-hub", "networks/new-network", "organizations/new-partner"})
	check(t, "errors", rules(r), []string{"dangling-reference activities/new-hub", "dangling-reference networks/new-network", "wrong-value organizations/new-partner"})
	f.repo.replace("organizations/new-partner.yaml", "universal", "university")
	f.repo.commit("Mend the first")
	check(t, "changes", ops(f.sync()), []string{"created activities/new-hub", "created networks/new-network", "created organizations/new-partner"})
	f.messages()
}

func addOrganizations(f *fixture, n int) {
	for i := range n {
		id := fmt.Sprintf("partner-%02d", i)
		f.repo.write("organizations/"+id+".yaml", "id: "+id+"\nname: Partner "+id+"\nkind: university\n")
	}
	f.repo.commit("Many partners")
	f.sync()
}

func TestAMassRemovalIsHeldUntilSomebodySaysThatItIsMeant(t *testing.T) {
	t.Parallel()
	for name, allow := range map[string]func(*fixture) worker.Result{
		"by a trailer": func(f *fixture) worker.Result {
			f.repo.commit("Go on\n\nNetsync-Allow-Removals: true")
			return f.sync()
		},
		"by an option": func(f *fixture) worker.Result {
			r, err := f.SyncWith(f.t.Context(), worker.Options{AllowRemovals: true})
			if err != nil {
				f.t.Fatal(err)
			}
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			addOrganizations(f, 20)
			for i := range 6 {
				f.repo.git("rm", "--quiet", fmt.Sprintf("organizations/partner-%02d.yaml", i))
			}
			f.repo.replace("networks/eua.yaml", "count: 47", "count: 48")
			f.repo.commit("Clean up")
			r := f.sync()
			if !r.Held || len(r.Changes) != 0 {
				t.Fatalf("held %t, changes %v", r.Held, ops(r))
			}
			check(t, "errors", rules(r), []string{"mass-removal "})
			if r = f.sync(); !r.Held {
				t.Fatal("a second pass let it through")
			}
			r = allow(f)
			if r.Held || len(r.Changes) != 7 {
				t.Fatalf("held %t, changes %v", r.Held, ops(r))
			}
			check(t, "errors", rules(r), nil)
			f.messages()
		})
	}
}

func TestFiveRemovalsAndRenamesAreNoMassRemoval(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	addOrganizations(f, 12)
	for i := range 12 {
		old := fmt.Sprintf("organizations/partner-%02d.yaml", i)
		f.repo.git("rm", "--quiet", old)
		if i >= 5 {
			id := fmt.Sprintf("renamed-%02d", i)
			f.repo.write("organizations/"+id+".yaml", fmt.Sprintf("id: %s\nname: Partner %s\nkind: university\naliases: [partner-%02d]\n", id, id, i))
		}
	}
	f.repo.commit("Five go, seven have new names")
	if r := f.sync(); r.Held || len(r.Changes) != 19 {
		t.Errorf("held %t, changes %v, findings %v", r.Held, ops(r), r.Findings)
	}
	f.messages()
}

func TestManyFindingsFitInOneMessage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	for i := range 40 {
		var lines strings.Builder
		for j := range 400 {
			fmt.Fprintf(&lines, "no-such-key-%d: 1\n", j)
		}
		f.repo.write(fmt.Sprintf("organizations/bad-%02d.yaml", i), lines.String())
	}
	f.repo.commit("A flood")
	r := f.sync()
	all := f.messages()
	last := all[len(all)-1].Findings
	if last == nil {
		t.Fatal("no findings were announced")
	}
	if len(r.Findings) < 16_000 || last.Omitted == 0 || len(last.Findings)+last.Omitted != len(r.Findings) || last.Summary != event.CountFindings(r.Findings) {
		t.Errorf("%d findings, %d announced, %d omitted", len(r.Findings), len(last.Findings), last.Omitted)
	}
}
