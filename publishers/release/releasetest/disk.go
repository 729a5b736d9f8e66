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
	"sync"
	"time"

	"netsync/publishers/release"
)

// A Disk records the operations below a folder, and computes what may remain of
// it after a power cut. It guarantees what POSIX does and no more:
//
//   - The data of a file is safe after a sync of the file. Until then it may be
//     missing, cut short, zeros, or torn.
//     What is appended to a safe file endangers nothing before it.
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
	if n.safeBytes == len(n.data) || !c.isLost() {
		return n.data
	}
	data := slices.Clone(n.data)
	at := n.safeBytes + c.random.IntN(len(data)-n.safeBytes+1)
	if c.random.IntN(2) == 0 {
		at = n.safeBytes
	}
	if c.random.IntN(2) == 0 {
		return data[:at]
	}
	clear(data[at:])
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
	kind      kind
	data      []byte
	safeBytes int // of data, which were synced
	mtime     time.Time
	target    string

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
	n.safeBytes = len(n.data)
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
		child := &node{kind: file}
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
		child.safeBytes = len(child.data)
		n.entries[e.Name()] = child
	}
	n.sync()
	return n, err
}
