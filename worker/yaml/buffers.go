package yaml

import "sync"

// buffers are reused for the next file: they are most of the memory that reading a
// file takes.
type buffers struct {
	nodes   []node
	objects []map[string]any
	used    int // of objects
}

var bufferPool = sync.Pool{New: func() any { return new(buffers) }}

// newObject returns an empty object for a number of keys.
func (b *buffers) newObject(keys int) map[string]any {
	if keys > maxKeptKeys {
		return make(map[string]any, keys)
	}
	if b.used == len(b.objects) {
		b.objects = append(b.objects, make(map[string]any, keys))
	}
	b.used++
	return b.objects[b.used-1]
}

// Limits of what is kept, so that one large file does not hold much memory for good.
const (
	maxKeptKeys    = 32
	maxKeptObjects = 256
)

// release lets the next file use the buffers.
func (b *buffers) release() {
	if len(b.objects) > maxKeptObjects {
		return
	}
	for _, object := range b.objects[:b.used] {
		clear(object)
	}
	b.used = 0
	bufferPool.Put(b)
}
