// Package releasetest simulates what a disk holds after a power cut.
package releasetest

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"netsync/publishers/release"
)

// A Disk records the operations below a folder, and computes what may remain of
// it after a power cut. It guarantees what POSIX does and no more:
//
//   - The data of a file is safe after a sync of the file. Until then it may be
//     missing, cut short, zeros, or torn.
//   - An entry of a folder (a file created, linked, renamed or removed) is safe
//     after a sync of the folder. Until then each entry may be lost
//     independently of the others. A rename is two entries: one is added, one
//     removed.
type Disk struct {
	path   string
	start  *node
	ignore func(release.Op) bool

	mu  sync.Mutex
	ops []release.Op
}

// Follow starts recording. All that is below the folder now is safe.
func Follow(path string) (*Disk, error) {
	start, err := scan(path)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", path, err)
	}
	return &Disk{path: path, start: start}, nil
}

// Ignore sets which operations are not recorded, as if a sync were missing.
func (d *Disk) Ignore(deaf func(release.Op) bool) { d.ignore = deaf }

// Observe is the argument for release.OpenObserved.
func (d *Disk) Observe(op release.Op) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ignore == nil || !d.ignore(op) {
		op.Data = slices.Clone(op.Data)
		d.ops = append(d.ops, op)
	}
}

// Steps returns the number of operations so far.
func (d *Disk) Steps() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.ops)
}

// A Cut is a disk after a power cut.
type Cut struct {
	root   *node
	random *rand.Rand
	lose   float64 // probability that unsynced data is lost
}

// CutAfter cuts the power after a number of operations.
func (d *Disk) CutAfter(steps int, random *rand.Rand) (*Cut, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := world{base: d.path, root: d.start.cloneTree(make(map[*node]*node))}
	for i, op := range d.ops[:steps] {
		if err := w.apply(op); err != nil {
			return nil, fmt.Errorf("operation %d, %s %s: %w", i, op.Kind, op.Path, err)
		}
	}
	lose := []float64{0, 0.1, 0.5, 0.9, 1}[random.IntN(5)]
	return &Cut{root: w.root, random: random, lose: lose}, nil
}

// Write writes the contents of the disk to a folder, which must not exist.
func (c *Cut) Write(path string) error { return c.write(c.root, path) }

func (c *Cut) isLost() bool { return c.random.Float64() < c.lose }

func (c *Cut) write(n *node, path string) error {
	switch n.kind {
	case link:
		return os.Symlink(n.target, path)
	case file:
		if err := os.WriteFile(path, c.readData(n), 0o644); err != nil {
			return err
		}
		return os.Chtimes(path, n.mtime, n.mtime)
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	entries := maps.Clone(n.safe)
	for _, e := range n.pending {
		switch {
		case c.isLost():
		case e.node == nil:
			delete(entries, e.name)
		default:
			entries[e.name] = e.node
		}
	}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if err := c.write(entries[name], filepath.Join(path, name)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cut) readData(n *node) []byte {
	if n.synced || !c.isLost() {
		return n.data
	}
	data := slices.Clone(n.data)
	at := c.random.IntN(len(data) + 1)
	switch c.random.IntN(4) {
	case 0:
		return nil
	case 1:
		return data[:at]
	case 2:
		clear(data)
	default:
		clear(data[at:])
	}
	return data
}

type kind int

const (
	folder kind = iota
	file
	link
)

// A node is a file, a link, or a folder with its current entries, its safe
// entries and the changes since.
type node struct {
	kind   kind
	data   []byte
	mtime  time.Time
	synced bool
	target string

	entries, safe map[string]*node
	pending       []entry
}

// An entry is an added name or, if node is nil, a removed one.
type entry struct {
	name string
	node *node
}

func newFolder() *node {
	return &node{kind: folder, entries: make(map[string]*node), safe: make(map[string]*node)}
}

func (n *node) setEntry(name string, to *node) {
	if to == nil {
		delete(n.entries, name)
	} else {
		n.entries[name] = to
	}
	n.pending = append(n.pending, entry{name, to})
}

func (n *node) sync() {
	n.synced = true
	n.safe, n.pending = maps.Clone(n.entries), nil
}

func (n *node) syncAll() {
	n.sync()
	for _, child := range n.entries {
		child.syncAll()
	}
}

func (n *node) cloneTree(done map[*node]*node) *node {
	if n == nil || done[n] != nil {
		return done[n]
	}
	c := *n
	done[n] = &c
	c.entries, c.safe = make(map[string]*node), make(map[string]*node)
	for name, child := range n.entries {
		c.entries[name] = child.cloneTree(done)
	}
	for name, child := range n.safe {
		c.safe[name] = child.cloneTree(done)
	}
	return &c
}

// scan reads a real folder; all of it is safe.
func scan(path string) (*node, error) {
	n := newFolder()
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		below := filepath.Join(path, e.Name())
		child := &node{kind: file, synced: true}
		switch {
		case e.IsDir():
			child, err = scan(below)
		case e.Type() == fs.ModeSymlink:
			child.kind = link
			child.target, err = os.Readlink(below)
		default:
			child.data, err = os.ReadFile(below)
			if info, infoErr := e.Info(); infoErr == nil {
				child.mtime = info.ModTime()
			}
		}
		if err != nil {
			return nil, err
		}
		n.entries[e.Name()] = child
	}
	n.sync()
	return n, err
}

// A world is the tree that operations change.
type world struct {
	base string
	root *node
}

// findNode returns the folder of a path and its last element.
func (w world) findNode(path string) (*node, string, error) {
	relative, err := filepath.Rel(w.base, path)
	if err != nil || strings.HasPrefix(relative, "..") {
		return nil, "", fmt.Errorf("%s is not below %s", path, w.base)
	}
	at := w.root
	names := strings.Split(relative, string(filepath.Separator))
	for _, name := range names[:len(names)-1] {
		if at = at.entries[name]; at == nil {
			return nil, "", fmt.Errorf("%s: there is no %s", path, name)
		}
	}
	return at, names[len(names)-1], nil
}

func (w world) get(path string) (*node, error) {
	in, name, err := w.findNode(path)
	if err != nil || name == "." {
		return w.root, err
	}
	if in.entries[name] == nil {
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	return in.entries[name], nil
}

func (w world) apply(op release.Op) error {
	if op.Kind == release.OpSyncAll {
		w.root.syncAll()
		return nil
	}
	if op.Kind == release.OpMkdir {
		return w.mkdir(op.Path)
	}
	in, name, err := w.findNode(op.Path)
	if err != nil {
		return err
	}
	switch op.Kind {
	case release.OpCreate:
		in.setEntry(name, &node{kind: file, data: op.Data, mtime: op.Time})
	case release.OpSymlink:
		in.setEntry(name, &node{kind: link, target: op.From})
	case release.OpRemove, release.OpRemoveAll:
		if n := in.entries[name]; n != nil {
			n.removeEntries()
			in.setEntry(name, nil)
		}
	case release.OpLink, release.OpRename:
		return w.move(op, in, name)
	case release.OpSync, release.OpChtimes:
		n, err := w.get(op.Path)
		if err != nil {
			return err
		}
		if op.Kind == release.OpSync {
			n.sync()
		} else {
			n.mtime = op.Time
		}
	default:
		return fmt.Errorf("an unknown operation")
	}
	return nil
}

func (w world) move(op release.Op, in *node, name string) error {
	n, err := w.get(op.From)
	if err != nil {
		return err
	}
	if op.Kind == release.OpRename {
		from, old, err := w.findNode(op.From)
		if err != nil {
			return err
		}
		from.setEntry(old, nil)
	}
	in.setEntry(name, n)
	return nil
}

func (w world) mkdir(path string) error {
	if path == w.base {
		return nil
	}
	if err := w.mkdir(filepath.Dir(path)); err != nil {
		return err
	}
	in, name, err := w.findNode(path)
	if err == nil && in.entries[name] == nil {
		in.setEntry(name, newFolder())
	}
	return err
}

// removeEntries removes the entries of a folder.
func (n *node) removeEntries() {
	for name, child := range n.entries {
		child.removeEntries()
		n.setEntry(name, nil)
	}
}
