package git

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// An Entry is what a tree says of a file.
type Entry struct {
	Mode string // "100644"
	ID   ObjectID
}

// A Change is a file that differs between two commits. Old or New is zero
// where there is none.
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
// stands for nothing. Only trees that differ are read.
func (r *Repository) Diff(ctx context.Context, from, to CommitID, folder string) ([]Change, error) {
	d := differ{ctx: ctx, r: r}
	var old, now Entry
	var err error
	if from != "" {
		if old, err = r.folder(ctx, from, folder); err != nil {
			return nil, err
		}
	}
	if now, err = r.folder(ctx, to, folder); err != nil {
		return nil, err
	}
	if err := d.trees(old.ID, now.ID, "", 0); err != nil {
		return nil, fmt.Errorf("compare %s with %s: %w", from, to, err)
	}
	return d.changes, nil
}

// folder returns the tree of a folder at a commit; zero where it has none.
func (r *Repository) folder(ctx context.Context, id CommitID, folder string) (Entry, error) {
	if !id.Valid() {
		return Entry{}, fmt.Errorf("%q is not a commit", id)
	}
	data, kind, err := r.objects.read(ctx, string(id), 0)
	if err != nil {
		return Entry{}, fmt.Errorf("read commit %s: %w", id, err)
	}
	header, _, _ := bytes.Cut(data, []byte("\n"))
	root, ok := strings.CutPrefix(string(header), "tree ")
	if kind != "commit" || !ok {
		return Entry{}, fmt.Errorf("object %s is not a commit", id)
	}
	entry := Entry{modeTree, ObjectID(root)}
	for name := range strings.SplitSeq(strings.Trim(folder, "/"), "/") {
		if name == "" {
			continue
		}
		entries, err := r.tree(ctx, entry.ID)
		if err != nil {
			return Entry{}, err
		}
		if entry = find(entries, name); entry.Mode != modeTree {
			return Entry{}, nil
		}
	}
	return entry, nil
}

func find(entries []treeEntry, name string) Entry {
	for _, e := range entries {
		if e.name == name {
			return e.Entry
		}
	}
	return Entry{}
}

func (r *Repository) tree(ctx context.Context, id ObjectID) ([]treeEntry, error) {
	if id == "" {
		return nil, nil
	}
	data, kind, err := r.objects.read(ctx, string(id), maxTreeSize)
	if err == nil && kind != "tree" {
		err = fmt.Errorf("it is a %s", kind)
	}
	if err != nil {
		return nil, fmt.Errorf("read tree %s: %w", id, err)
	}
	return parseTree(data, len(id)/2)
}

type treeEntry struct {
	Entry
	name string
}

// parseTree reads a tree object: "<mode> <name>\0<hash>", again and again.
func parseTree(data []byte, hashSize int) ([]treeEntry, error) {
	var entries []treeEntry
	for len(data) > 0 {
		head, rest, ok := bytes.Cut(data, []byte{0})
		mode, name, named := strings.Cut(string(head), " ")
		if !ok || !named || !isName(name) || len(rest) < hashSize {
			return nil, errors.New("a tree object is damaged")
		}
		entries = append(entries, treeEntry{Entry{mode, ObjectID(hex.EncodeToString(rest[:hashSize]))}, name})
		data = rest[hashSize:]
	}
	return entries, nil
}

// isName reports whether an entry may be called so. Git itself writes no other
// names, but takes them over from a server that has them.
func isName(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.Contains(s, "/")
}

// A differ walks two trees side by side.
type differ struct {
	ctx     context.Context
	r       *Repository
	changes []Change
}

func (d *differ) trees(old, now ObjectID, path string, depth int) error {
	if old == now {
		return nil
	}
	if depth > maxTreeDepth {
		return fmt.Errorf("folders lie more than %d deep at %s", maxTreeDepth, path)
	}
	before, err := d.r.tree(d.ctx, old)
	if err != nil {
		return err
	}
	after, err := d.r.tree(d.ctx, now)
	if err != nil {
		return err
	}
	for len(before) > 0 || len(after) > 0 {
		var a, b treeEntry
		switch order := compareEntries(before, after); {
		case order < 0:
			a, before = before[0], before[1:]
		case order > 0:
			b, after = after[0], after[1:]
		default:
			a, b, before, after = before[0], after[0], before[1:], after[1:]
		}
		if err := d.entry(a, b, path, depth); err != nil {
			return err
		}
	}
	return nil
}

// compareEntries orders the first entries of two trees as git sorts them: a
// folder's name as if it ended with a slash.
func compareEntries(a, b []treeEntry) int {
	if len(a) == 0 {
		return 1
	}
	if len(b) == 0 {
		return -1
	}
	return strings.Compare(a[0].sortName(), b[0].sortName())
}

func (e treeEntry) sortName() string {
	if e.Mode == modeTree {
		return e.name + "/"
	}
	return e.name
}

func (d *differ) entry(a, b treeEntry, path string, depth int) error {
	name := a.name
	if name == "" {
		name = b.name
	}
	if path != "" {
		name = path + "/" + name
	}
	if a.Mode == modeTree || b.Mode == modeTree { // equal sort names: both are, or the other is missing
		return d.trees(a.ID, b.ID, name, depth+1)
	}
	if a.Entry != b.Entry {
		d.changes = append(d.changes, Change{name, a.Entry, b.Entry})
	}
	return nil
}
