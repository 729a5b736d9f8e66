package releasetest

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"netsync/publishers/release"
)

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
		return w.makeFolder(op.Path)
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
		return w.moveEntry(op, in, name)
	default:
		return w.changeNode(op)
	}
	return nil
}

// changeNode applies an operation on a file or folder that is there.
func (w world) changeNode(op release.Op) error {
	n, err := w.get(op.Path)
	if err != nil {
		return err
	}
	switch op.Kind {
	case release.OpAppend:
		n.data = slices.Concat(n.data, op.Data)
	case release.OpSync:
		n.sync()
	case release.OpChtimes:
		n.mtime = op.Time
	default:
		return fmt.Errorf("an unknown operation")
	}
	return nil
}

func (w world) moveEntry(op release.Op, in *node, name string) error {
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

func (w world) makeFolder(path string) error {
	if path == w.base {
		return nil
	}
	if err := w.makeFolder(filepath.Dir(path)); err != nil {
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
