package snapshot

import (
	"hash/maphash"
	"slices"
	"strings"

	"netsync/schema"
)

// claimants finds the files that make a claim by the claim's hash: hundreds of
// thousands of claims take little room, and the few that are made twice are
// compared in full. Whatever many files claim alike, no step looks at all of
// them for each.
type claimants struct {
	seed maphash.Seed
	one  map[uint64]*File
	more map[uint64][]*File // of those that are made more than once, all, by path
}

func newClaimants() *claimants {
	return &claimants{maphash.MakeSeed(), make(map[uint64]*File), make(map[uint64][]*File)}
}

// hashClaim returns the same value for claims that may conflict: an alias conflicts with
// ids, and paths do so across collections.
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
	files := c.more[h]
	if files == nil && c.one[h] == nil {
		c.one[h] = f
		return
	}
	if files == nil {
		files = []*File{c.one[h]}
	}
	i, _ := slices.BinarySearchFunc(files, f, byPath)
	c.more[h] = slices.Insert(files, i, f)
}

func (c *claimants) remove(f *File, h uint64) {
	files := c.more[h]
	if files == nil {
		delete(c.one, h)
		return
	}
	if i := slices.Index(files, f); i >= 0 {
		files = slices.Delete(files, i, i+1)
	}
	c.more[h], c.one[h] = files, files[0]
	if len(files) == 1 {
		delete(c.more, h)
	}
}

func byPath(a, b *File) int { return strings.Compare(a.Path, b.Path) }

// filesOf returns the files that make a claim, by path.
func (c *claimants) filesOf(h uint64) []*File {
	if files := c.more[h]; files != nil {
		return files
	}
	if f := c.one[h]; f != nil {
		return []*File{f}
	}
	return nil
}
