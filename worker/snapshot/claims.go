package snapshot

import (
	"hash/maphash"
	"slices"
	"strings"

	"netsync/schema"
)

// A claimants finds the files that make a claim by the claim's hash. So
// hundreds of thousands of claims need little memory, and only the few that
// occur twice are compared in full. No operation visits all files of a common
// claim for each of them.
type claimants struct {
	seed   maphash.Seed
	single map[uint64]*File
	shared map[uint64][]*File // all files of claims that occur more than once, by path
}

func newClaimants() *claimants {
	return &claimants{maphash.MakeSeed(), make(map[uint64]*File), make(map[uint64][]*File)}
}

// hashClaim returns the same hash for claims that may conflict: an alias
// conflicts with ids, and paths conflict across collections.
func (c *claimants) hashClaim(collection schema.Collection, claim Claim) uint64 {
	kind := claim.Kind
	switch kind {
	case ClaimAlias:
		kind = ClaimID
	case ClaimPath:
		collection = ""
	}
	return maphash.Comparable(c.seed, [3]string{string(collection), string(kind), claim.Value})
}

func (c *claimants) add(f *File, h uint64) {
	files := c.shared[h]
	if files == nil && c.single[h] == nil {
		c.single[h] = f
		return
	}
	if files == nil {
		files = []*File{c.single[h]}
	}
	i, _ := slices.BinarySearchFunc(files, f, compareByPath)
	c.shared[h] = slices.Insert(files, i, f)
}

func (c *claimants) remove(f *File, h uint64) {
	files := c.shared[h]
	if files == nil {
		delete(c.single, h)
		return
	}
	if i := slices.Index(files, f); i >= 0 {
		files = slices.Delete(files, i, i+1)
	}
	c.shared[h], c.single[h] = files, files[0]
	if len(files) == 1 {
		delete(c.shared, h)
	}
}

func compareByPath(a, b *File) int { return strings.Compare(a.Path, b.Path) }

// filesOf returns the files that make a claim, by path.
func (c *claimants) filesOf(h uint64) []*File {
	if files := c.shared[h]; files != nil {
		return files
	}
	if f := c.single[h]; f != nil {
		return []*File{f}
	}
	return nil
}
