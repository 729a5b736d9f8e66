package git

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Entry is the entry of a file in a tree.
type Entry struct {
	Mode string // "100644"
	ID   ObjectID
}

// A Change is a file that differs between two commits. Old or New is zero if the file does
// not exist.
type Change struct {
	Path     string
	Old, New Entry
}

// Limits of trees.
const (
	maxTreeDepth = 64
	maxTreeSize  = 512 << 20 // bytes of one folder
)

const modeTree = "40000"

// Diff returns the files that differ between two commits, sorted by path, with
// paths relative to a folder of the repository ("" is its root). An empty from
// means no files. Diff reads only trees that differ.
func (r *Repository) Diff(ctx context.Context, from, to CommitID, folder string) ([]Change, error) {
	d := differ{ctx: ctx, r: r}
	var old, now Entry
	var err error
	if from != "" {
		if old, err = r.folderTree(ctx, from, folder); err != nil {
			return nil, err
		}
	}
	if now, err = r.folderTree(ctx, to, folder); err != nil {
		return nil, err
	}
	if err := d.compareTrees(old.ID, now.ID, "", 0); err != nil {
		return nil, fmt.Errorf("compare %s with %s: %w", from, to, err)
	}
	return d.changes, nil
}

// folderTree returns the tree of a folder at a commit; zero if it has none.
func (r *Repository) folderTree(ctx context.Context, id CommitID, folder string) (Entry, error) {
	if !id.Valid() {
		return Entry{}, fmt.Errorf("%q is not a commit", id)
	}
	found, err := r.readRecent(ctx, 0, ObjectID(id))
	if err != nil {
		return Entry{}, fmt.Errorf("read commit %w", err)
	}
	header, _, _ := bytes.Cut(found[0].data, []byte("\n"))
	root, ok := strings.CutPrefix(string(header), "tree ")
	if found[0].kind != "commit" || !ok {
		return Entry{}, fmt.Errorf("object %s is not a commit", id)
	}
	entry := Entry{modeTree, ObjectID(root)}
	for name := range strings.SplitSeq(strings.Trim(folder, "/"), "/") {
		if name == "" {
			continue
		}
		if entry, err = r.findEntry(ctx, entry.ID, name); err != nil {
			return Entry{}, err
		}
		if entry.Mode != modeTree {
			return Entry{}, nil
		}
	}
	return entry, nil
}

// findEntry returns the entry of a tree with a name; zero if there is none.
func (r *Repository) findEntry(ctx context.Context, tree ObjectID, name string) (found Entry, err error) {
	trees, err := r.readTrees(ctx, tree)
	if err != nil {
		return Entry{}, err
	}
	for e := range trees[0].allEntries(&err) {
		if string(e.name) == name {
			found = e.toEntry()
		}
	}
	return found, err
}

// readTrees returns the trees of ids; the tree of "" is empty.
func (r *Repository) readTrees(ctx context.Context, ids ...ObjectID) ([]tree, error) {
	trees := make([]tree, len(ids))
	var wanted []ObjectID
	for _, id := range ids {
		if id != "" {
			wanted = append(wanted, id)
		}
	}
	found, err := r.readRecent(ctx, maxTreeSize, wanted...)
	if err != nil {
		return nil, fmt.Errorf("read tree %w", err)
	}
	for i, id := range ids {
		if id == "" {
			continue
		}
		if found[0].kind != "tree" {
			return nil, fmt.Errorf("read tree %s: it is a %s", id, found[0].kind)
		}
		trees[i], found = tree{found[0].data, len(id) / 2}, found[1:]
	}
	return trees, nil
}

// A tree is the unread rest of a tree object: "<mode> <name>\0<hash>", repeated. It is not
// decoded at once, as it may have 100,000 entries, of which one is needed.
type tree struct {
	data     []byte
	hashSize int
}

type treeEntry struct{ mode, name, hash []byte } // zero if there is none

func (e treeEntry) isTree() bool { return string(e.mode) == modeTree }

func (e treeEntry) objectID() ObjectID { return ObjectID(hex.EncodeToString(e.hash)) }

func (e treeEntry) toEntry() Entry { return Entry{string(e.mode), e.objectID()} }

// nextEntry removes the first entry and returns it; it is zero at the end.
func (t *tree) nextEntry() (treeEntry, error) {
	if len(t.data) == 0 {
		return treeEntry{}, nil
	}
	head, rest, ok := bytes.Cut(t.data, []byte{0})
	mode, name, named := bytes.Cut(head, []byte(" "))
	if !ok || !named || !isName(name) || len(rest) < t.hashSize {
		return treeEntry{}, errors.New("a tree object is damaged")
	}
	t.data = rest[t.hashSize:]
	return treeEntry{mode, name, rest[:t.hashSize]}, nil
}

// allEntries iterates over the entries up to the end, or to a damaged one.
func (t tree) allEntries(err *error) func(yield func(treeEntry) bool) {
	return func(yield func(treeEntry) bool) {
		for {
			var e treeEntry
			if e, *err = t.nextEntry(); e.name == nil || !yield(e) {
				return
			}
		}
	}
}

// isName reports whether an entry may have a name. Git does not write other names, but
// accepts them from a server.
func isName(s []byte) bool {
	return len(s) > 0 && string(s) != "." && string(s) != ".." && !slices.Contains(s, '/')
}

// A differ compares two trees.
type differ struct {
	ctx     context.Context
	r       *Repository
	changes []Change
}

func (d *differ) compareTrees(old, now ObjectID, path string, depth int) error {
	if old == now {
		return nil
	}
	if depth > maxTreeDepth {
		return fmt.Errorf("folders lie more than %d deep at %s", maxTreeDepth, path)
	}
	both, err := d.r.readTrees(d.ctx, old, now)
	if err != nil {
		return err
	}
	before, after := both[0], both[1]
	a, err := before.nextEntry()
	if err != nil {
		return err
	}
	b, err := after.nextEntry()
	for err == nil && (a.name != nil || b.name != nil) {
		switch order := compareEntries(a, b); {
		case order < 0:
			if err = d.compareEntries(a, treeEntry{}, path, depth); err == nil {
				a, err = before.nextEntry()
			}
		case order > 0:
			if err = d.compareEntries(treeEntry{}, b, path, depth); err == nil {
				b, err = after.nextEntry()
			}
		default:
			if err = d.compareEntries(a, b, path, depth); err == nil {
				a, err = before.nextEntry()
			}
			if err == nil {
				b, err = after.nextEntry()
			}
		}
	}
	return err
}

// compareEntries compares entries of two trees in git's order, in which the name of a folder
// ends with a slash. A missing entry is last.
func compareEntries(a, b treeEntry) int {
	switch {
	case a.name == nil:
		return 1
	case b.name == nil:
		return -1
	}
	n := min(len(a.name), len(b.name))
	if order := bytes.Compare(a.name[:n], b.name[:n]); order != 0 {
		return order
	}
	return int(a.sortByte(n)) - int(b.sortByte(n))
}

// sortByte returns byte i of the sorted form of a name, and 0 at its end: only the name of a
// folder continues with a slash.
func (e treeEntry) sortByte(i int) byte {
	switch {
	case i < len(e.name):
		return e.name[i]
	case e.isTree():
		return '/'
	}
	return 0
}

func (d *differ) compareEntries(a, b treeEntry, path string, depth int) error {
	if bytes.Equal(a.hash, b.hash) && bytes.Equal(a.mode, b.mode) {
		return nil
	}
	name := string(a.name)
	if name == "" {
		name = string(b.name)
	}
	if path != "" {
		name = path + "/" + name
	}
	var old, now Entry
	if a.name != nil {
		old = a.toEntry()
	}
	if b.name != nil {
		now = b.toEntry()
	}
	if a.isTree() || b.isTree() { // equal sort names: both are, or the other is missing
		return d.compareTrees(old.ID, now.ID, name, depth+1)
	}
	d.changes = append(d.changes, Change{name, old, now})
	return nil
}
