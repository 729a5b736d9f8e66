package broker

import "fmt"

// minSpace is what must be free on the store's disk: a batch is staged there
// before it is written, and where that fails the server says so to nobody.
const minSpace = 1 << 20

// checkSpace returns an error if the disk of the store has less free space than a
// number of bytes.
func (b *Broker) checkSpace(bytes uint64) error {
	if free, ok := freeSpace(b.store); ok && free < bytes {
		return fmt.Errorf("no space is left on the disk of %s (%d KiB)", b.store, free>>10)
	}
	return nil
}

// IsFull reports whether the disk of a folder has no room for a broker's store.
func IsFull(dir string) bool {
	free, ok := freeSpace(dir)
	return ok && free < minSpace
}
