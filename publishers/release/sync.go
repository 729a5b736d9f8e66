package release

import (
	"sync"
	"sync/atomic"
)

const (
	// parallel bounds the file operations that run at once.
	parallel = 8
	// syncAllAbove is how many new files and folders make one sync of the
	// whole file system cheaper than one for each.
	syncAllAbove = 32
)

// each calls do for every name, up to eight at once, waits for all, and gives
// up at the first error.
func each(names []string, do func(name string) error) error {
	var (
		wg    sync.WaitGroup
		next  atomic.Int64
		once  sync.Once
		first error
	)
	fail := func(err error) {
		once.Do(func() { first = err })
		next.Store(int64(len(names)))
	}
	for range min(parallel, len(names)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(names)); i = next.Add(1) - 1 {
				if err := do(names[i]); err != nil {
					fail(err)
				}
			}
		})
	}
	wg.Wait()
	return first
}
