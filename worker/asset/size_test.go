package asset_test

import (
	"testing"

	"netsync/schema"
	"netsync/worker/asset"
)

func TestAnImageSaysHowLargeItIs(t *testing.T) {
	t.Parallel()
	svg := func(attributes string) string { return `<svg xmlns="http://www.w3.org/2000/svg" ` + attributes + `/>` }
	for _, test := range []struct {
		name, data    string
		mediaType     string
		width, height int
	}{
		{"a.png", pngOf(t, 12, 7), "image/png", 12, 7},
		{"a.jpg", jpegOf(t), "image/jpeg", 4, 4},
		{"lossy.webp", webpOf(t, lossyWebP), "image/webp", 1, 1},
		{"lossless.webp", webpOf(t, losslessWebP), "image/webp", 1, 1},
		{"extended.webp", webpOf(t, alphaWebP), "image/webp", 1, 1},
		{"animated.webp", webpOf(t, animatedWebP), "image/webp", 1, 1},
		{"a.svg", svg(`width="120" height="39.6px"`), "image/svg+xml", 120, 40},
		{"one side.svg", svg(`width="120"`), "image/svg+xml", 0, 0},
		{"relative.svg", svg(`width="100%" height="3em" viewBox="0 0 4 3"`), "image/svg+xml", 0, 0},
		{"absurd.svg", svg(`width="1e300" height="NaN"`), "image/svg+xml", 0, 0},
	} {
		got, problems := asset.Read("assets/"+test.name, []byte(test.data))
		want := schema.Image{Digest: schema.DigestOf([]byte(test.data)), MediaType: test.mediaType, Size: int64(len(test.data)), Width: test.width, Height: test.height}
		if got != want || len(problems) > 0 {
			t.Errorf("%s: %+v, %v; want %+v", test.name, got, problems, want)
		}
	}
}
