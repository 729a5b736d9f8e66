package shared

import (
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// ForEach calls do with each item and its index, for up to so many items at a
// time, and waits for all. It starts no more items after the first error, which
// it returns.
func ForEach[T any](workers int, items []T, do func(i int, item T) error) error {
	if len(items) == 1 { // no goroutine for what one item takes
		return do(0, items[0])
	}
	var next atomic.Int64
	var group errgroup.Group
	for range min(workers, len(items)) {
		group.Go(func() error {
			for i := next.Add(1) - 1; i < int64(len(items)); i = next.Add(1) - 1 {
				if err := do(int(i), items[i]); err != nil {
					next.Store(int64(len(items)))
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}
