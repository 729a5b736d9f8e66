package release

import (
	"crypto/sha256"
	"iter"
	"maps"
	"slices"
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
	shards *[shardCount]*shard // nil if empty, as each shard may be
	count  int
}

// A shard holds the files whose names have one hash.
type shard struct{ files map[string]entry }

// shardOf returns the shard of a name: FNV-1a.
func shardOf(name string) int {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return int((h ^ h>>16) % shardCount)
}

// shardAt returns the files of a shard, and the shard, which may be nil.
func (x index) shardAt(i int) (map[string]entry, *shard) {
	if x.shards == nil || x.shards[i] == nil {
		return nil, nil
	}
	return x.shards[i].files, x.shards[i]
}

// get returns the entry of a file.
func (x index) get(name string) (entry, bool) {
	files, _ := x.shardAt(shardOf(name))
	e, ok := files[name]
	return e, ok
}

func (x index) hasFile(name string) bool {
	_, ok := x.get(name)
	return ok
}

// allFiles iterates over the files in undefined order.
func (x index) allFiles() iter.Seq2[string, entry] {
	return func(yield func(string, entry) bool) {
		for i := range shardCount {
			files, _ := x.shardAt(i)
			for name, e := range files {
				if !yield(name, e) {
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
	next := index{new([shardCount]*shard), x.count}
	if x.shards != nil {
		*next.shards = *x.shards
	}
	for name, c := range changes {
		i := shardOf(name)
		files, s := next.shardAt(i)
		if _, shared := x.shardAt(i); s == nil || s == shared {
			if files = maps.Clone(files); files == nil {
				files = make(map[string]entry)
			}
			next.shards[i] = &shard{files}
		}
		next.count -= len(files)
		if c.removed {
			delete(files, name)
		} else {
			files[name] = c.entry
		}
		next.count += len(files)
	}
	return next
}

// changesTo returns the changes from x to o, including those of modification
// times. It skips shared shards.
func (x index) changesTo(o index) map[string]change {
	found := make(map[string]change)
	for i := range shardCount {
		a, sa := x.shardAt(i)
		b, sb := o.shardAt(i)
		if sa == sb {
			continue
		}
		for name := range a {
			if _, ok := b[name]; !ok {
				found[name] = change{removed: true}
			}
		}
		for name, e := range b {
			if old, ok := a[name]; !ok || old != e {
				found[name] = change{entry: e}
			}
		}
	}
	return found
}
