package feed

import "netsync/publishers/release"

// Observe lets a test hear what the feed does to the disk.
func (f *Feed) Observe(observe func(release.Op)) error {
	dir, err := release.OpenObserved(f.Dir, observe)
	f.dir = dir
	return err
}

// SetPage changes the size of a page in bytes.
func (f *Feed) SetPage(size int) { f.page = size }
