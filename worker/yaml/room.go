package yaml

import "sync"

// A room holds what reading a file takes and nobody keeps, so that the next file
// can use it again: it is most of what reading one takes at all.
type room struct {
	nodes   []node
	objects []map[string]any // in the order in which a file came to need them
	used    int              // of objects
}

var rooms = sync.Pool{New: func() any { return new(room) }}

// object returns an empty object for so many keys.
func (r *room) object(keys int) map[string]any {
	if keys > maxRoomKeys {
		return make(map[string]any, keys)
	}
	if r.used == len(r.objects) {
		r.objects = append(r.objects, make(map[string]any, keys))
	}
	r.used++
	return r.objects[r.used-1]
}

// Limits of what is kept: one large file must not hold much for good.
const (
	maxRoomKeys    = 32
	maxRoomObjects = 256
)

// Release lets the next file use what this one does not need any more.
func (r *room) release() {
	if len(r.objects) > maxRoomObjects {
		return
	}
	for _, object := range r.objects[:r.used] {
		clear(object)
	}
	r.used = 0
	rooms.Put(r)
}
