package git

import (
	"context"
	"fmt"
	"sync"
)

// readRecent returns commits or trees, from those that were read recently if possible: that
// is half of them where each commit is compared with the next. It waits for git once for the
// others. The error is that of the first object that cannot be read.
func (r *Repository) readRecent(ctx context.Context, limit int64, ids ...ObjectID) ([]object, error) {
	found := make([]object, len(ids))
	var unknown []ObjectID
	var places []int
	for i, id := range ids {
		known, ok := r.recent.get(id)
		if found[i] = known; !ok {
			unknown, places = append(unknown, id), append(places, i)
		}
	}
	var missed error
	err := r.objects.readEach(ctx, unknown, limit, func(i int, data []byte, kind string, err error) error {
		if err == nil {
			found[places[i]] = object{kind, data}
			r.recent.put(unknown[i], found[places[i]])
		} else if missed == nil {
			missed = fmt.Errorf("%s: %w", unknown[i], err)
		}
		return nil
	})
	if err == nil {
		err = missed
	}
	return found, err
}

// An object is the immutable content of an object name.
type object struct {
	kind string
	data []byte // must not be changed
}

// maxRecent bounds the kept objects in bytes: two versions of a folder with 100,000 files
// have room. For a small dataset that would be the history of days, so their number is
// bounded as well: about a hundred commits.
const (
	maxRecent  = 12 << 20
	maxObjects = 512
)

// recent keeps objects, and drops the oldest for a new one. The zero value is empty.
type recent struct {
	mu    sync.Mutex
	byID  map[ObjectID]object
	order []ObjectID // the oldest first
	size  int
}

func (r *recent) get(id ObjectID) (object, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, ok := r.byID[id]
	return o, ok
}

func (r *recent) put(id ObjectID, o object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.byID[id]; known || len(o.data) > maxRecent/2 {
		return
	}
	if r.byID == nil {
		r.byID = make(map[ObjectID]object)
	}
	r.byID[id] = o
	r.order = append(r.order, id)
	for r.size += len(o.data); r.size > maxRecent || len(r.order) > maxObjects; r.order = r.order[1:] {
		r.size -= len(r.byID[r.order[0]].data)
		delete(r.byID, r.order[0])
	}
}
