package snapshot

import (
	"maps"
	"slices"
)

// A pathSet is a set of paths: mostly one or two, sometimes all of a dataset.
type pathSet struct {
	few  []string // sorted
	many map[string]struct{}
	// order holds many, sorted; nil until needed.
	order []string
}

// manyPaths is the size from which on a set is a map.
const manyPaths = 16

func (p *pathSet) add(path string) {
	p.order = nil
	if p.many != nil {
		p.many[path] = struct{}{}
		return
	}
	i, found := slices.BinarySearch(p.few, path)
	if found {
		return
	}
	if len(p.few) < manyPaths {
		p.few = slices.Insert(p.few, i, path)
		return
	}
	p.many = make(map[string]struct{}, 2*manyPaths)
	for _, known := range p.few {
		p.many[known] = struct{}{}
	}
	p.many[path], p.few = struct{}{}, nil
}

func (p *pathSet) remove(path string) {
	p.order = nil
	delete(p.many, path)
	if i, found := slices.BinarySearch(p.few, path); found {
		p.few = slices.Delete(p.few, i, i+1)
	}
}

func (p *pathSet) countPaths() int { return len(p.few) + len(p.many) }

// sortedPaths returns the paths; the result must not be changed.
func (p *pathSet) sortedPaths() []string {
	if p == nil {
		return nil
	}
	if p.many == nil {
		return p.few
	}
	if p.order == nil {
		p.order = slices.Sorted(maps.Keys(p.many))
	}
	return p.order
}

// An index holds the paths for each key.
type index[K comparable] map[K]*pathSet

func (x index[K]) add(key K, path string) {
	p := x[key]
	if p == nil {
		p = &pathSet{}
		x[key] = p
	}
	p.add(path)
}

func (x index[K]) remove(key K, path string) {
	if p := x[key]; p != nil {
		if p.remove(path); p.countPaths() == 0 {
			delete(x, key)
		}
	}
}
