package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"netsync/schema/sample"
)

// A step is one commit: files to write, "" for one to remove, and its message.
type step struct {
	message string
	files   map[string]string
}

// A dataset is a name and the commits to it.
type dataset struct {
	name  string
	steps []step
}

// A repository is a Git repository whose commits depend on their content alone.
type repository struct{ dir string }

func newRepository(ctx context.Context, dir string) (*repository, error) {
	r := &repository{dir}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return r, r.runGit(ctx, start, "init", "--quiet", "--initial-branch=main")
}

func (r *repository) runGit(ctx context.Context, now time.Time, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", r.dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"}, args...)...)
	date := now.Format(time.RFC3339)
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

func (r *repository) commitStep(ctx context.Context, s step, now time.Time) error {
	for name, content := range s.files {
		file := filepath.Join(r.dir, filepath.FromSlash(name))
		if content == "" {
			if err := os.Remove(file); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			return err
		}
	}
	if err := r.runGit(ctx, now, "add", "--all"); err != nil {
		return err
	}
	return r.runGit(ctx, now, "commit", "--quiet", "--allow-empty", "-m", s.message)
}

// sampleDataset is the sample, and one change of each kind.
func sampleDataset() dataset {
	files := make(map[string]string)
	_ = fs.WalkDir(sample.FS(), ".", func(name string, entry fs.DirEntry, err error) error { // it is embedded
		if err == nil && !entry.IsDir() {
			data, _ := fs.ReadFile(sample.FS(), name)
			files[name] = string(data)
		}
		return err
	})
	edit := func(name string, pairs ...string) map[string]string {
		before := files[name]
		files[name] = strings.NewReplacer(pairs...).Replace(before)
		if files[name] == before {
			panic(name + " is not what the steps were written for")
		}
		return map[string]string{name: files[name]}
	}
	steps := []step{{"Begin\n\nNetsync-Bulk: true", maps.Clone(files)}}
	steps = append(steps,
		step{"Una Europa has a twelfth member", edit("networks/una-europa.yaml", "count: 11", "count: 12")},
		step{"A typo, which is kept out", edit("networks/leru.yaml", "tier: key", "tier: kye")},
		step{"Put it right\n\nNetsync-Note: LERU stays a key network.", edit("networks/leru.yaml", "tier: kye", "tier: key", "acronym: LERU", "acronym: L.E.R.U.")},
		step{"A logo", edit("networks/iau.yaml", "tier: member", "tier: member\nlogo: assets/iau.svg")},
	)
	steps[4].files["assets/iau.svg"] = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4"/></svg>` + "\n"
	moved := strings.Replace(files["networks/europaeum.yaml"], "id: europaeum\n", "id: the-europaeum\naliases: [europaeum]\n", 1)
	return dataset{"sample", append(steps,
		step{"A new address", map[string]string{"networks/europaeum.yaml": "", "networks/the-europaeum.yaml": moved}},
		step{"EuroScholars is no more", map[string]string{"networks/euroscholars.yaml": ""}},
		step{"A title", edit("dataset.yaml", "title:", "# The title.\ntitle:")},
		step{"It is back", map[string]string{"networks/euroscholars.yaml": files["networks/euroscholars.yaml"]}},
	)}
}

const manifest = `schema: netsync/v1
id: many
title: {en: Many networks, nl: Veel netwerken}
languages: [en, nl]
time_zone: Europe/Amsterdam
vocabularies:
  purposes: {advocacy: {en: Advocacy, nl: Belangenbehartiging}, collaboration: {en: Collaboration, nl: Samenwerking}, knowledge-sharing: {en: Knowledge sharing, nl: Kennisdeling}}
  regions: {europe: {en: Europe, nl: Europa}, africa: {en: Africa, nl: Afrika}}
  topics: {water: Water, energy: {en: Energy, nl: Energie}}
`

const (
	networks      = 800
	organizations = 150
	activities    = 50
	commits       = 20
	changes       = 200
)

// thousandRecords is a dataset of 1,000 records with 200 changes in 20 commits.
func thousandRecords() dataset {
	random := rand.New(rand.NewPCG(2026, 11))
	files := map[string]string{"dataset.yaml": manifest}
	revisions := make(map[string]int)
	for i := range organizations {
		files[organizationFile(i)] = organizationRecord(i, 0)
	}
	for i := range networks {
		files[networkFile(i)] = networkRecord(i, 0)
	}
	for i := range activities {
		files[activityFile(i)] = activityRecord(i, 0)
	}
	d := dataset{"thousand", []step{{"Begin", maps.Clone(files)}}}
	for n := range commits {
		s := step{fmt.Sprintf("Round %d", n), make(map[string]string)}
		if n%5 == 4 {
			s.message += "\n\nNetsync-Note: What changed in this round."
		}
		for range changes / commits {
			changeRecord(random, revisions, files, s.files)
		}
		d.steps = append(d.steps, s)
	}
	return d
}

// changeRecord edits, removes or restores one record.
func changeRecord(random *rand.Rand, revisions map[string]int, files, changed map[string]string) {
	i := random.IntN(networks)
	name, write := networkFile(i), networkRecord
	switch kind := random.IntN(10); {
	case kind == 0:
		i = random.IntN(organizations)
		name, write = organizationFile(i), organizationRecord
	case kind == 1:
		i = random.IntN(activities)
		name, write = activityFile(i), activityRecord
	case kind == 2 && i%100 > 50 && files[name] != "" && changed[name] == "": // no activity is in it
		changed[name], files[name] = "", ""
		return
	}
	if _, ok := changed[name]; ok {
		return
	}
	revisions[name]++
	files[name] = write(i, revisions[name])
	changed[name] = files[name]
}

func networkFile(i int) string { return fmt.Sprintf("networks/%02d/network-%03d.yaml", i%20, i) }

func networkRecord(i, revision int) string {
	var b strings.Builder
	tiers := []string{"member", "key"}
	kinds := []string{"association", "alliance", "thematic", "regional", "national"}
	fmt.Fprintf(&b, "id: network-%03d\nname: {en: Network number %d, nl: Netwerk nummer %d}\nacronym: N%d\n", i, i, i, i)
	fmt.Fprintf(&b, "tier: %s\norder: %d\nkind: %s\n", tiers[(i+revision)%13/12], i, kinds[(i+revision/5)%2])
	fmt.Fprintf(&b, "purposes: [%s]\n", strings.Join([]string{"collaboration", "knowledge-sharing", "advocacy"}[:1+(i+revision/3)%3], ", "))
	fmt.Fprintf(&b, "founded: %d\nmembership: {role: member, since: %d", 1900+i%120, 2000+i%20)
	if revision%4 == 3 {
		b.WriteString(", until: 2026-11-10")
	}
	fmt.Fprintf(&b, "}\nmembers: {count: %d, as_of: 2026-11}\ncountries: {count: %d}\n", 11+revision, 5+i%50)
	fmt.Fprintf(&b, "regions: [europe%s]\ntopics: [%s]\n", []string{"", ", africa"}[(i+revision)%2], []string{"water", "energy", "water, energy"}[(i+revision)%3])
	fmt.Fprintf(&b, "partners: [organization-%03d, organization-%03d]\n", i%organizations, (i*7+revision+1)%organizations)
	fmt.Fprintf(&b, "links:\n  - {rel: homepage, url: \"https://example.org/%d\", title: {en: Home page}}\n", i)
	fmt.Fprintf(&b, "summary: {en: \"Network %d brings people together. Revision %d.\", nl: \"Netwerk %d brengt mensen samen.\"}\n", i, revision, i)
	fmt.Fprintf(&b, "description:\n  en: |\n    What the network *does*, and [what we do](https://example.org/%d/us) in it.\n\n    - first %d\n    - second\n", i, revision)
	return b.String()
}

func organizationFile(i int) string { return fmt.Sprintf("organizations/organization-%03d.yaml", i) }

func organizationRecord(i, revision int) string {
	return fmt.Sprintf("id: organization-%03d\nname: {en: Organization %d}\nkind: university\ncountry: NL\ncity: City %d\n", i, i, i+revision)
}

func activityFile(i int) string { return fmt.Sprintf("activities/activity-%03d.yaml", i) }

func activityRecord(i, revision int) string {
	return fmt.Sprintf("id: activity-%03d\nname: {en: \"Activity %d\"}\nkind: project\nnetwork: network-%03d\nsummary: {en: \"Revision %d of it.\"}\n", i, i, i*2/100*100+i%50, revision)
}

// sortedNames returns the keys of a map in order.
func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
