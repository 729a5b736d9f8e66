package publishers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"netsync/schema"
	"netsync/schema/stream"
)

// assets reads images by their digest.
type assets func(ctx context.Context, digest schema.Digest) ([]byte, error)

// assetOf wraps read so that its errors name the records of a state that show
// the image.
func assetOf(read assets, state *schema.State) assets {
	return func(ctx context.Context, digest schema.Digest) ([]byte, error) {
		data, err := read(ctx, digest)
		if err != nil {
			return nil, fmt.Errorf("logo of %s: %w", whoseLogo(state, digest), err)
		}
		return data, nil
	}
}

// whoseLogo names the records that show an image. It searches all of them,
// which is fast enough for an error.
func whoseLogo(state *schema.State, digest schema.Digest) string {
	var names []string
	for r := range state.All() {
		if bytes.Contains(r.JSON, []byte(digest)) {
			names = append(names, r.ID.String())
		}
	}
	slices.Sort(names)
	switch len(names) {
	case 0:
		return "no record"
	case 1, 2, 3:
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d other records", names[0], len(names)-1)
}

// canSkip reports whether a failure to publish can be ignored, because the
// edition was only a step through a long history: an image that no record shows
// any more may be gone. The next edition, due after another maxStep changes,
// then includes the changes of this one.
func (c *collector) canSkip(m stream.Message, err error) bool {
	if m.Pending == 0 || !errors.Is(err, stream.ErrNoAsset) {
		return false
	}
	c.step = c.size + maxStep
	return true
}
