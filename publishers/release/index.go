package release

import (
	"crypto/sha256"
	"iter"
	"slices"
	"strings"
)

// entry is the index entry of a file. The modification time only saves work: a
// file with the recorded time and size is taken to be unchanged.
type entry struct {
	sum   [sha256.Size]byte
	size  int64
	mtime int64 // nanoseconds since 1970
}

// isSameContent reports whether two entries have the same content.
func (e entry) isSameContent(o entry) bool { return e.sum == o.sum && e.size == o.size }

// A change sets or removes one name.
type change struct {
	entry
	removed bool
}

// shardCount is the number of shards of an index.
const shardCount = 4096

// An index holds the files of a release by name. It is immutable: the index of
// the next release shares all unchanged shards, so an update costs time and
// memory for the changes only. The zero index is empty.
type index struct {
	shards []shard // shardCount of them, or none
	count  int
}

// A shard holds the files whose names have one hash, sorted by name.
type shard []namedEntry

type namedEntry struct {
	name string
	entry
}

// shardOf returns the shard of a name: FNV-1a, the same in every process.
func shardOf(name string) int {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return int((h ^ h>>16) % shardCount)
}

func (s shard) findFile(name string) (int, bool) {
	return slices.BinarySearchFunc(s, name, func(n namedEntry, name string) int { return strings.Compare(n.name, name) })
}

// isSameMemory reports whether two shards share their memory.
func (s shard) isSameMemory(t shard) bool {
	return len(s) == len(t) && (len(s) == 0 || &s[0] == &t[0])
}

// get returns the entry of a file.
func (x index) get(name string) (entry, bool) {
	if len(x.shards) == 0 {
		return entry{}, false
	}
	p := x.shards[shardOf(name)]
	i, ok := p.findFile(name)
	if !ok {
		return entry{}, false
	}
	return p[i].entry, true
}

func (x index) hasFile(name string) bool {
	_, ok := x.get(name)
	return ok
}

// allFiles iterates over the files in undefined order.
func (x index) allFiles() iter.Seq2[string, entry] {
	return func(yield func(string, entry) bool) {
		for _, p := range x.shards {
			for _, n := range p {
				if !yield(n.name, n.entry) {
					return
				}
			}
		}
	}
}

// sortedNames returns all names, sorted.
func (x index) sortedNames() []string {
	names := make([]string, 0, x.count)
	for name := range x.allFiles() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// withChanges returns the index after changes. The last change of a name wins.
func (x index) withChanges(changes iter.Seq2[string, change]) index {
	byShare := make(map[int][]namedChange)
	for name, c := range changes {
		i := shardOf(name)
		byShare[i] = append(byShare[i], namedChange{name, c})
	}
	next := index{make([]shard, shardCount), x.count}
	copy(next.shards, x.shards)
	for i, list := range byShare {
		next.shards[i] = next.shards[i].withChanges(list)
		next.count += len(next.shards[i])
		if len(x.shards) > 0 {
			next.count -= len(x.shards[i])
		}
	}
	return next
}

type namedChange struct {
	name string
	change
}

// withChanges returns the shard after changes.
func (s shard) withChanges(changes []namedChange) shard {
	slices.SortStableFunc(changes, func(a, b namedChange) int { return strings.Compare(a.name, b.name) })
	next := make(shard, 0, len(s)+len(changes))
	for i, c := range changes {
		if i+1 < len(changes) && changes[i+1].name == c.name {
			continue // a later one wins
		}
		at, exists := s.findFile(c.name)
		next = append(next, s[:at]...)
		if s = s[at:]; exists {
			s = s[1:]
		}
		if !c.removed {
			next = append(next, namedEntry{c.name, c.entry})
		}
	}
	return slices.Clip(append(next, s...))
}

// changesTo returns the changes from x to o, including those of modification
// times. It skips shared shards.
func (x index) changesTo(o index) map[string]change {
	found := make(map[string]change)
	for i := range shardCount {
		a, b := x.shardAt(i), o.shardAt(i)
		if a.isSameMemory(b) {
			continue
		}
		for _, n := range a {
			if _, ok := b.findFile(n.name); !ok {
				found[n.name] = change{removed: true}
			}
		}
		for _, n := range b {
			if at, ok := a.findFile(n.name); !ok || a[at] != n {
				found[n.name] = change{entry: n.entry}
			}
		}
	}
	return found
}

func (x index) shardAt(i int) shard {
	if len(x.shards) == 0 {
		return nil
	}
	return x.shards[i]
}

// shareShards replaces shards that equal o's by o's, to save memory.
func (x index) shareShards(o index) index {
	for i := range x.shards {
		if slices.Equal(x.shards[i], o.shardAt(i)) {
			x.shards[i] = o.shardAt(i)
		}
	}
	return x
}
