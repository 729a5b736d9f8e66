package feed

import "netsync/publishers/release"

// Observe calls observe for each of the feed's disk operations.
func (f *Feed) Observe(observe func(release.Op)) error {
	dir, err := release.OpenObserved(f.Dir, observe)
	f.dir = dir
	return err
}

// SetPage sets the maximum size of a page in bytes.
func (f *Feed) SetPage(size int) { f.pageSize = size }
