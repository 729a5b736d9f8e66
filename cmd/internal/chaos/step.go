package chaos

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// A step is one kind of commit, and how often it comes.
type step struct {
	name   string
	weight int
	do     func(d *Dataset, state State) (message string, err error)
}

var steps = []step{
	{"edit", 40, (*Dataset).edit},
	{"add", 15, (*Dataset).grow},
	{"remove", 10, (*Dataset).remove},
	{"restore", 8, (*Dataset).restoreRecord},
	{"redraw", 10, (*Dataset).redraw},
	{"reformat", 6, (*Dataset).reformat},
	{"move", 6, (*Dataset).move},
	{"import", 5, (*Dataset).bulk},
	{"clear", 5, (*Dataset).clear},
}

// rewinds of a hundred steps move the branch back to an older commit.
const rewinds = 5

// Step makes one random commit, or moves the branch back to an older one, and
// says what it did.
func (d *Dataset) Step() (string, error) {
	if d.random.IntN(100) < rewinds && len(d.Commits) > 2 {
		return "rewind", d.rewind()
	}
	total := 0
	for _, s := range steps {
		total += s.weight
	}
	n := d.random.IntN(total)
	for _, s := range steps {
		if n -= s.weight; n >= 0 {
			continue
		}
		state := maps.Clone(d.Tip().State)
		message, err := s.do(d, state)
		if err == nil {
			err = d.commit(message, state)
		}
		if err != nil {
			return s.name, fmt.Errorf("%s: %w", s.name, err)
		}
		return s.name, nil
	}
	return "", nil // not reached: n is below the total
}

// edit gives some records a new revision.
func (d *Dataset) edit(state State) (string, error) {
	for _, key := range d.pick(state, 1+d.random.IntN(4)) {
		if err := d.write(state, key); err != nil {
			return "", err
		}
	}
	return "Edit some", nil
}

func (d *Dataset) grow(state State) (string, error) {
	return "Add some", d.add(state, 1+d.random.IntN(3))
}

// freeRemovals may go at once without anybody's word, by the contract. Several
// commits that are taken in together may remove more.
const (
	freeRemovals = 5
	meant        = "\n\nNetsync-Allow-Removals: true"
)

func (d *Dataset) remove(state State) (string, error) {
	return "Remove some" + meant, d.drop(state, 1+d.random.IntN(freeRemovals))
}

func (d *Dataset) drop(state State, n int) error {
	for _, key := range d.pick(state, n) {
		if err := os.Remove(filepath.Join(d.Dir, d.files[key])); err != nil {
			return err
		}
		delete(state, key)
		d.gone = append(d.gone, key)
	}
	return nil
}

// restoreRecord brings back a record that was removed.
func (d *Dataset) restoreRecord(state State) (string, error) {
	if len(d.gone) == 0 {
		return "Restore nothing", nil
	}
	i := d.random.IntN(len(d.gone))
	key := d.gone[i]
	d.gone = append(d.gone[:i:i], d.gone[i+1:]...)
	if _, there := state[key]; there { // a rewind brought it back
		return "Restore nothing", nil
	}
	d.files[key] = d.place(key)
	return "Restore one", d.write(state, key)
}

// reformat changes how a record is written and not what it says.
func (d *Dataset) reformat(state State) (string, error) {
	for _, key := range d.pick(state, 1) {
		path := filepath.Join(d.Dir, d.files[key])
		data, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		d.random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		text := fmt.Sprintf("# %d\n%s\n", d.random.Uint64(), strings.Join(lines, "\n\n"))
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	return "Write one differently", nil
}

// move puts a record's file into another folder.
func (d *Dataset) move(state State) (string, error) {
	for _, key := range d.pick(state, 1) {
		old := d.files[key]
		d.files[key] = d.place(key)
		if err := os.MkdirAll(filepath.Join(d.Dir, filepath.Dir(d.files[key])), 0o755); err != nil {
			return "", err
		}
		if err := os.Rename(filepath.Join(d.Dir, old), filepath.Join(d.Dir, d.files[key])); err != nil {
			return "", err
		}
	}
	return "Move one", nil
}

// Imports are larger than the broker's batches where tests set those small.
const (
	bulkMin, bulkMore = 100, 200
	crowded           = 600
)

// bulk adds many records at once.
func (d *Dataset) bulk(state State) (string, error) {
	if len(state) > crowded {
		return d.clear(state)
	}
	return "Import many\n\nNetsync-Bulk: true", d.add(state, bulkMin+d.random.IntN(bulkMore))
}

// clear removes most records at once, and says that it is meant.
func (d *Dataset) clear(state State) (string, error) {
	return "Remove most" + meant, d.drop(state, max(0, len(state)-firstRecords))
}

// rewind moves the branch back a little, as a force-push does.
func (d *Dataset) rewind() error {
	back := d.Commits[len(d.Commits)-1-(1+d.random.IntN(min(4, len(d.Commits)-1)))]
	// More removals than the guard lets pass would hold the commit for good.
	if lost := without(d.Tip().State, back.State); lost > freeRemovals {
		return nil
	}
	if err := d.git("reset", "--quiet", "--hard", back.SHA); err != nil {
		return err
	}
	d.Commits = append(d.Commits, back)
	return d.findOrganizations()
}

// without counts the records of one state that another has not.
func without(a, b State) int {
	n := 0
	for key := range a {
		if _, ok := b[key]; !ok {
			n++
		}
	}
	return n
}

// findOrganizations looks where the records' files are by now.
func (d *Dataset) findOrganizations() error {
	clear(d.files)
	return filepath.WalkDir(filepath.Join(d.Dir, "organizations"), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(d.Dir, path)
		d.files["organizations/"+strings.TrimSuffix(e.Name(), ".yaml")] = rel
		return err
	})
}

// Settle makes a last commit that lets everything through that was held back.
func (d *Dataset) Settle() error {
	state := maps.Clone(d.Tip().State)
	if err := d.add(state, 1); err != nil {
		return err
	}
	return d.commit("Settle"+meant, state)
}

// Edit commits new revisions of a few records.
func (d *Dataset) Edit() error {
	state := maps.Clone(d.Tip().State)
	message, err := d.edit(state)
	if err != nil {
		return err
	}
	return d.commit(message, state)
}
