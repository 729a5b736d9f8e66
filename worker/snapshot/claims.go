package snapshot

import (
	"hash/maphash"
	"slices"

	"netsync/schema"
)

// claimants finds the files that make a claim by the claim's hash: hundreds of
// thousands of claims take little room, and the few that are made twice are
// compared in full.
type claimants struct {
	seed maphash.Seed
	one  map[uint64]*File
	more map[uint64][]*File // of those that are made more than once, all
}

func newClaimants() *claimants {
	return &claimants{maphash.MakeSeed(), make(map[uint64]*File), make(map[uint64][]*File)}
}

// hash is the same for claims that may conflict: an alias conflicts with ids,
// and paths do so across collections.
func (c *claimants) hash(collection schema.Collection, claim Claim) uint64 {
	kind := claim.Kind
	switch kind {
	case ClaimAlias:
		kind = ClaimID
	case ClaimPath:
		collection = ""
	}
	return maphash.Comparable(c.seed, [3]string{string(collection), string(kind), claim.Value})
}

func (c *claimants) add(f *File, claim Claim) {
	h := c.hash(f.ID.Collection, claim)
	switch {
	case c.more[h] != nil:
		c.more[h] = append(c.more[h], f)
	case c.one[h] != nil:
		c.more[h] = []*File{c.one[h], f}
	default:
		c.one[h] = f
	}
}

func (c *claimants) remove(f *File, claim Claim) {
	h := c.hash(f.ID.Collection, claim)
	if files := c.more[h]; files != nil {
		if i := slices.Index(files, f); i >= 0 {
			files = slices.Delete(files, i, i+1)
		}
		c.more[h], c.one[h] = files, files[0]
		if len(files) == 1 {
			delete(c.more, h)
		}
		return
	}
	delete(c.one, h)
}

// others returns the files that may conflict with one over a claim.
func (c *claimants) others(f *File, claim Claim) []*File {
	files := c.more[c.hash(f.ID.Collection, claim)]
	return slices.DeleteFunc(slices.Clone(files), func(other *File) bool { return other == f })
}
