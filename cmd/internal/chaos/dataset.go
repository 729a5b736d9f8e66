package chaos

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A Dataset is a Git repository to which random commits are made. Its methods
// must be called from one goroutine at a time.
type Dataset struct {
	Dir string // of the work tree, on branch main

	random *rand.Rand
	round  int               // makes every revision of a record new
	named  int               // makes every id new
	files  map[string]string // path of each record's file, by key
	gone   []string          // keys that were removed and may come back
	// Commits are all that were made, also those that the branch has left.
	Commits []Commit
}

const manifest = `schema: netsync/v1
id: ` + ID + `
title: A dataset that changes all the time
languages: [en]
`

// firstRecords is how many records the first commit has.
const firstRecords = 40

// New makes a repository with one commit in an empty folder.
func New(dir string, random *rand.Rand) (*Dataset, error) { return Sized(dir, random, firstRecords) }

// Sized is New with so many records in the first commit.
func Sized(dir string, random *rand.Rand, records int) (*Dataset, error) {
	d := &Dataset{Dir: dir, random: random, files: make(map[string]string)}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := d.git("init", "--quiet", "--initial-branch=main"); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "dataset.yaml"), []byte(manifest), 0o644); err != nil {
		return nil, err
	}
	state := make(State)
	err := d.add(state, records)
	return d, errors.Join(err, d.commit("Begin", state))
}

// Tip is where the branch is.
func (d *Dataset) Tip() Commit { return d.Commits[len(d.Commits)-1] }

// add writes new records.
func (d *Dataset) add(state State, n int) error {
	for range n {
		d.named++
		key := fmt.Sprintf("organizations/org-%05d", d.named)
		d.files[key] = d.place(key)
		if err := d.write(state, key); err != nil {
			return err
		}
	}
	return nil
}

// place is a path for a record's file: folders below a collection are free.
func (d *Dataset) place(key string) string {
	collection, id, _ := strings.Cut(key, "/")
	return filepath.Join(collection, fmt.Sprintf("shelf-%d", d.random.IntN(4)), id+".yaml")
}

// write gives a record a revision that it never had.
func (d *Dataset) write(state State, key string) error {
	d.round++
	_, id, _ := strings.Cut(key, "/")
	name := fmt.Sprintf("Name of %s in round %d", id, d.round)
	state[key] = revision(name, d.round)
	text := fmt.Sprintf("id: %s\nname: %s\nkind: other\nx-round: %d\n", id, name, d.round)
	if hasLogo(key) {
		text += "logo: {path: " + logoFile(key) + "}\n"
		if err := d.draw(state, key); err != nil {
			return err
		}
	}
	return d.put(d.files[key], text)
}

func (d *Dataset) put(name, content string) error {
	full := filepath.Join(d.Dir, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	return os.WriteFile(full, []byte(content), 0o644)
}

// pick returns up to n records of a state.
func (d *Dataset) pick(state State, n int) []string {
	keys := slices.Sorted(maps.Keys(state))
	d.random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys[:min(n, len(keys))]
}

// commit commits the work tree, which has a state.
func (d *Dataset) commit(message string, state State) error {
	if err := d.git("add", "--all"); err != nil {
		return err
	}
	if err := d.git("commit", "--quiet", "--allow-empty", "--message="+message); err != nil {
		return err
	}
	return d.note(state)
}

// note remembers that the branch is at a commit of a state.
func (d *Dataset) note(state State) error {
	out, err := d.command("rev-parse", "HEAD").Output()
	if err != nil {
		return fmt.Errorf("git rev-parse: %w", err)
	}
	d.Commits = append(d.Commits, Commit{strings.TrimSpace(string(out)), state})
	return nil
}

func (d *Dataset) command(args ...string) *exec.Cmd {
	cmd := exec.Command("git", append([]string{"-C", d.Dir, "-c", "gc.auto=0"}, args...)...)
	cmd.Env = append(os.Environ(),
		"GIT_AUTHOR_NAME=Grace Maintainer", "GIT_AUTHOR_EMAIL=grace@example.org",
		"GIT_COMMITTER_NAME=Grace Maintainer", "GIT_COMMITTER_EMAIL=grace@example.org")
	return cmd
}

func (d *Dataset) git(args ...string) error {
	if out, err := d.command(args...).CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w: %s", args[0], err, out)
	}
	return nil
}
