package release

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// An indexCache holds the indexes of releases in memory. An index file never
// changes; comparing the file's metadata detects that the whole folder was
// deleted and created again.
type indexCache struct {
	mu     sync.Mutex
	loaded map[string]*loadedIndex // by the path of the release
	newest *loadedIndex            // the latest, with which others share memory
}

// A loadedIndex is an index and the files that it was read from.
type loadedIndex struct {
	info  fs.FileInfo
	index index
	base  *fullIndex // the full form that it is based on; its own if it has that form
	lines []byte     // the changes since base
	// verified is set after this process read or wrote the release's files and
	// found no damage.
	verified bool
}

// A fullIndex is an index file in the full form.
type fullIndex struct {
	info fs.FileInfo
	sum  [sha256.Size]byte
}

// load returns the index of the release at a path, from memory if possible.
func (c *indexCache) load(path string) (*loadedIndex, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(path + indexSuffix)
	if err != nil {
		return nil, err
	}
	if l := c.loaded[path]; l != nil && isUnchangedFile(l.info, info) {
		return l, nil
	}
	data, err := os.ReadFile(path + indexSuffix)
	if err != nil {
		return nil, err
	}
	l, err := c.decode(path, info, data)
	if err != nil {
		return nil, fmt.Errorf("index of release %s: %w", filepath.Base(path), err)
	}
	c.put(path, l)
	return l, nil
}

func isUnchangedFile(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

func (c *indexCache) put(path string, l *loadedIndex) {
	if c.loaded == nil {
		c.loaded = make(map[string]*loadedIndex)
	}
	c.loaded[path], c.newest = l, l
}

func (c *indexCache) decode(path string, info fs.FileInfo, data []byte) (*loadedIndex, error) {
	delta, ok, err := decodeDelta(data)
	if err != nil {
		return nil, err
	}
	if !ok {
		x, b, err := c.decodeFull(info, data)
		return &loadedIndex{info: info, index: x, base: b}, err
	}
	from, err := c.findBase(path+baseSuffix, delta)
	if err != nil {
		return nil, err
	}
	x, err := delta.applyTo(from)
	return &loadedIndex{info: info, index: x, base: from.base, lines: delta.lines}, err
}

// findBase returns an index to which delta can be applied: the longest prefix
// of it in memory, or else its base, which it reads from path.
func (c *indexCache) findBase(path string, delta deltaIndex) (*loadedIndex, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	var best *loadedIndex
	for _, l := range c.loaded {
		if l.base.sum == delta.base && isUnchangedFile(l.base.info, info) && bytes.HasPrefix(delta.lines, l.lines) &&
			(best == nil || len(l.lines) > len(best.lines)) {
			best = l
		}
	}
	if best != nil {
		return best, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	x, b, err := c.decodeFull(info, data)
	if err == nil && b.sum != delta.base {
		err = errors.New("its base is another")
	}
	return &loadedIndex{index: x, base: b}, err
}

func (c *indexCache) decodeFull(info fs.FileInfo, data []byte) (index, *fullIndex, error) {
	x, err := decodeIndex(data)
	if err == nil && c.newest != nil {
		x = x.shareShards(c.newest.index)
	}
	return x, &fullIndex{info, sha256.Sum256(data)}, err
}

// addIndex adds an index that was just written, so that the next stage need not
// read it.
func (c *indexCache) addIndex(path string, l *loadedIndex) {
	info, err := os.Stat(path + indexSuffix)
	if err != nil {
		return // load will report the error
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.info = info; l.base.info == nil {
		l.base.info = info
	}
	c.put(path, l)
}

// moveIndex changes the path of a release.
func (c *indexCache) moveIndex(from, to string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.loaded[from]; l != nil {
		c.loaded[to] = l
	}
	delete(c.loaded, from)
}

// removeIndex removes a release.
func (c *indexCache) removeIndex(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.loaded, path)
}

func (c *indexCache) setVerified(l *loadedIndex, proven bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.verified = proven
}

func (c *indexCache) isVerified(l *loadedIndex) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return l.verified
}

// removeStale removes the releases that no longer exist. A Dir that only reads
// needs it, as another one flips.
func (c *indexCache) removeStale() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for path := range c.loaded {
		if _, err := os.Stat(path + indexSuffix); errors.Is(err, fs.ErrNotExist) {
			delete(c.loaded, path)
		}
	}
}
