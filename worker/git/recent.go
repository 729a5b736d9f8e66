package git

import (
	"context"
	"sync"
)

// recall reads a commit or a tree, or returns it from those that were read
// last. Where one commit is compared with the next again and again, that is
// half of what is needed.
func (r *Repository) recall(ctx context.Context, id string, limit int64) (data []byte, kind string, err error) {
	if known, ok := r.recent.get(id); ok {
		return known.data, known.kind, nil
	}
	data, kind, err = r.objects.read(ctx, id, limit)
	if err == nil && validHex(id) {
		r.recent.put(id, object{kind, data})
	}
	return data, kind, err
}

// An object is what an object name stands for, now and for ever.
type object struct {
	kind string
	data []byte // must not be changed
}

// maxRecent bounds what is kept of the objects that were read last, in bytes:
// two versions of a folder of a hundred thousand files have room. Of a small
// dataset those bytes would be a history of days, so their number is bounded,
// too: a hundred commits or so.
const (
	maxRecent  = 12 << 20
	maxObjects = 512
)

// recent keeps objects, the oldest of which makes room for the next. The zero
// value is empty.
type recent struct {
	mu    sync.Mutex
	byID  map[string]object
	order []string // the oldest first
	size  int
}

func (r *recent) get(id string) (object, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, ok := r.byID[id]
	return o, ok
}

func (r *recent) put(id string, o object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.byID[id]; known || len(o.data) > maxRecent/2 {
		return
	}
	if r.byID == nil {
		r.byID = make(map[string]object)
	}
	r.byID[id] = o
	r.order = append(r.order, id)
	for r.size += len(o.data); r.size > maxRecent || len(r.order) > maxObjects; r.order = r.order[1:] {
		r.size -= len(r.byID[r.order[0]].data)
		delete(r.byID, r.order[0])
	}
}
