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
func (r *buffers) newObject(keys int) map[string]any {
	if keys > maxRoomKeys {
		return make(map[string]any, keys)
	}
	if r.used == len(r.objects) {
		r.objects = append(r.objects, make(map[string]any, keys))
	}
	r.used++
	return r.objects[r.used-1]
}

// Limits of what is kept, so that one large file does not hold much memory for good.
const (
	maxRoomKeys    = 32
	maxRoomObjects = 256
)

// release lets the next file use the buffers.
func (r *buffers) release() {
	if len(r.objects) > maxRoomObjects {
		return
	}
	for _, object := range r.objects[:r.used] {
		clear(object)
	}
	r.used = 0
	bufferPool.Put(r)
}
