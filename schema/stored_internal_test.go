package schema

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// A text of a page is not changed by later ones.
func TestTextsOfAPageStay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var p page
		sizes := rapid.SliceOf(rapid.OneOf(rapid.IntRange(0, 900), rapid.IntRange(pageSize-2, pageSize+2))).Draw(t, "sizes")
		texts := make([]string, len(sizes))
		for i, size := range sizes {
			texts[i] = p.addText(bytes.Repeat([]byte{byte(i)}, size))
		}
		for i, size := range sizes {
			if texts[i] != string(bytes.Repeat([]byte{byte(i)}, size)) {
				t.Fatalf("text %d of %d bytes is another one", i, size)
			}
		}
	})
}
