package signup

import "container/list"

// recent keeps the values of the most recently used keys, so that many clients
// cannot fill the memory.
type recent[K comparable, V any] struct {
	most  int
	order list.List // of *entry[K, V], the one that was used last in front
	by    map[K]*list.Element
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

// get returns the value of a key.
func (r *recent[K, V]) get(key K) (v V, ok bool) {
	e, ok := r.by[key]
	if !ok {
		return v, false
	}
	r.order.MoveToFront(e)
	return e.Value.(*entry[K, V]).value, true
}

// put sets the value of a key, and removes the least recently used key if full.
func (r *recent[K, V]) put(key K, v V) {
	if e, ok := r.by[key]; ok {
		e.Value.(*entry[K, V]).value = v
		r.order.MoveToFront(e)
		return
	}
	if r.by == nil {
		r.by = make(map[K]*list.Element)
	}
	r.by[key] = r.order.PushFront(&entry[K, V]{key, v})
	if len(r.by) > r.most {
		last := r.order.Back()
		r.order.Remove(last)
		delete(r.by, last.Value.(*entry[K, V]).key)
	}
}
