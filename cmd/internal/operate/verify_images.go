package operate

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"netsync/schema"
	"netsync/schema/shared"
	"netsync/schema/stream"
)

// verifyImages reads every image that a record of a state shows, and compares it with
// its digest. ok is false if no record shows any.
func verifyImages(ctx context.Context, reader *stream.Reader, state *schema.State) (p part, ok bool, err error) {
	shownBy := make(map[schema.Digest][]string)
	for r := range state.All() {
		logo, has, err := schema.LogoOf(r)
		if err != nil {
			return p, false, err
		}
		if has {
			shownBy[logo.Digest] = append(shownBy[logo.Digest], r.ID.String())
		}
	}
	p = part{Name: "images", Note: shared.Plural(len(shownBy), "image")}
	for _, digest := range slices.Sorted(maps.Keys(shownBy)) {
		if _, err := reader.Asset(ctx, digest); ctx.Err() != nil {
			return p, false, ctx.Err()
		} else if err != nil {
			first := slices.Min(shownBy[digest])
			p.Differences = append(p.Differences, fmt.Sprintf("%s shows an image that cannot be read: %v", first, err))
		}
	}
	if p.OK = len(p.Differences) == 0; !p.OK {
		p.Differences = append(p.Differences, fmt.Sprintf("netsync sync puts back what is missing or damaged; where it does not, delete the broker's stream %s first",
			stream.AssetStream(reader.Dataset())))
	}
	return p, len(shownBy) > 0, nil
}
