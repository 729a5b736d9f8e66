package feed

import "netsync/publishers/release"

// Observe lets a test hear what the feed does to the disk.
func (f *Feed) Observe(observe func(release.Op)) error {
	dir, err := release.OpenObserved(f.Dir, observe)
	f.dir = dir
	return err
}
