package release

import (
	"crypto/sha256"
	"iter"
	"slices"
	"strings"
)

// entry is what the index says of one file. The modification time only saves
// work: a file that has it, and the size, is taken to be unchanged on disk.
type entry struct {
	sum   [sha256.Size]byte
	size  int64
	mtime int64 // nanoseconds since 1970
}

// same says whether two entries describe the same content.
func (e entry) same(o entry) bool { return e.sum == o.sum && e.size == o.size }

// A change is what becomes of one name.
type change struct {
	entry
	gone bool
}

// shares is in how many parts an index lies.
const shares = 4096

// An index is the files of a release by name. It is never changed: the index
// of the next release shares with it the parts in which nothing changed, so
// that it costs what the changes do, in time and in memory. The zero index is
// empty.
type index struct {
	parts []part // shares of them, or none
	count int
}

// A part is those files whose names have one hash, sorted by name.
type part []named

type named struct {
	name string
	entry
}

// shareOf says in which part a name is: FNV-1a, the same in every process.
func shareOf(name string) int {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return int((h ^ h>>16) % shares)
}

func (p part) find(name string) (int, bool) {
	return slices.BinarySearchFunc(p, name, func(n named, name string) int { return strings.Compare(n.name, name) })
}

// is says whether two parts are one piece of memory.
func (p part) is(o part) bool {
	return len(p) == len(o) && (len(p) == 0 || &p[0] == &o[0])
}

// makeIndex makes an index of files.
func makeIndex(files map[string]entry) index {
	return index{}.with(func(yield func(string, change) bool) {
		for name, e := range files {
			if !yield(name, change{entry: e}) {
				return
			}
		}
	})
}

// get gives what the index says of a file.
func (x index) get(name string) (entry, bool) {
	if len(x.parts) == 0 {
		return entry{}, false
	}
	p := x.parts[shareOf(name)]
	i, ok := p.find(name)
	if !ok {
		return entry{}, false
	}
	return p[i].entry, true
}

func (x index) has(name string) bool {
	_, ok := x.get(name)
	return ok
}

// all gives the files, in no order that means something.
func (x index) all() iter.Seq2[string, entry] {
	return func(yield func(string, entry) bool) {
		for _, p := range x.parts {
			for _, n := range p {
				if !yield(n.name, n.entry) {
					return
				}
			}
		}
	}
}

// names are sorted.
func (x index) names() []string {
	names := make([]string, 0, x.count)
	for name := range x.all() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// with is the index after changes; of two of one name the last holds.
func (x index) with(changes iter.Seq2[string, change]) index {
	byShare := make(map[int][]namedChange)
	for name, c := range changes {
		i := shareOf(name)
		byShare[i] = append(byShare[i], namedChange{name, c})
	}
	next := index{make([]part, shares), x.count}
	copy(next.parts, x.parts)
	for i, list := range byShare {
		next.parts[i] = next.parts[i].with(list)
		next.count += len(next.parts[i])
		if len(x.parts) > 0 {
			next.count -= len(x.parts[i])
		}
	}
	return next
}

type namedChange struct {
	name string
	change
}

// with merges changes into a part.
func (p part) with(changes []namedChange) part {
	slices.SortStableFunc(changes, func(a, b namedChange) int { return strings.Compare(a.name, b.name) })
	next := make(part, 0, len(p)+len(changes))
	for i, c := range changes {
		if i+1 < len(changes) && changes[i+1].name == c.name {
			continue // a later one holds
		}
		at, there := p.find(c.name)
		next = append(next, p[:at]...)
		if p = p[at:]; there {
			p = p[1:]
		}
		if !c.gone {
			next = append(next, named{c.name, c.entry})
		}
	}
	return slices.Clip(append(next, p...))
}

// changes tells how o departs from x, times of modification among it. Parts
// that both share are not looked at.
func (x index) changes(o index) map[string]change {
	found := make(map[string]change)
	for i := range shares {
		a, b := x.part(i), o.part(i)
		if a.is(b) {
			continue
		}
		for _, n := range a {
			if _, ok := b.find(n.name); !ok {
				found[n.name] = change{gone: true}
			}
		}
		for _, n := range b {
			if at, ok := a.find(n.name); !ok || a[at] != n {
				found[n.name] = change{entry: n.entry}
			}
		}
	}
	return found
}

func (x index) part(i int) part {
	if len(x.parts) == 0 {
		return nil
	}
	return x.parts[i]
}

// same says whether two releases hold the same names with the same content.
func (x index) same(o index) bool {
	if x.count != o.count {
		return false
	}
	for i := range shares {
		a, b := x.part(i), o.part(i)
		if !a.is(b) && !slices.EqualFunc(a, b, func(a, b named) bool { return a.name == b.name && a.same(b.entry) }) {
			return false
		}
	}
	return true
}

// sharing is the index with those parts that equal o's in o's memory.
func (x index) sharing(o index) index {
	for i := range x.parts {
		if slices.Equal(x.parts[i], o.part(i)) {
			x.parts[i] = o.part(i)
		}
	}
	return x
}
