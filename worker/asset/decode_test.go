package asset_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"netsync/worker/asset"
)

// WebP images of one pixel.
const (
	lossyWebP    = "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"
	losslessWebP = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="
	alphaWebP    = "UklGRkoAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAwAAAARBxAR/Q9ERP8DAABWUDggGAAAABQBAJ0BKgEAAQAAAP4AAA3AAP7mtQAAAA=="
	animatedWebP = "UklGRlIAAABXRUJQVlA4WAoAAAASAAAAAAAAAAAAQU5JTQYAAAD/////AABBTk1GJgAAAAAAAAAAAAAAAAAAAGQAAABWUDhMDQAAAC8AAAAQBxAREYiI/gcA"
)

func webpOf(t *testing.T, encoded string) string {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// noise is an image that compresses badly, so that its bytes are its pixels.
func noise(width, height int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = byte(random.Uint32())
	}
	return m
}

func noisyPNG(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, noise(40, 30)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func noisyJPEG(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, noise(64, 64), nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// rawPNG writes a PNG of a header and pixels with their filters.
func rawPNG(t *testing.T, header, pixels []byte) string {
	t.Helper()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(pixels); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	chunk := func(kind string, data []byte) string {
		body := append([]byte(kind), data...)
		out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		return string(binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body)))
	}
	return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", packed.Bytes()) + chunk("IEND", nil)
}

func pngHeader(width, height uint32, depth, colour, interlace byte) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	return append(header, depth, colour, 0, 0, interlace)
}

func TestABrokenImageIsFound(t *testing.T) {
	t.Parallel()
	flip := func(data string, at int) string {
		b := []byte(data)
		b[at] ^= 0x55
		return string(b)
	}
	picture, photo := noisyPNG(t), noisyJPEG(t)
	gray := pngHeader(4, 4, 8, 0, 0)
	for name, test := range map[string]struct{ file, data string }{
		"PNG cut in its pixels":   {"a.png", picture[:len(picture)/2]},
		"PNG without its end":     {"a.png", picture[:len(picture)-12]},
		"PNG with a flipped byte": {"a.png", flip(picture, len(picture)/2)},
		"PNG of too few pixels":   {"a.png", rawPNG(t, gray, make([]byte, 19))},
		"PNG of too many pixels":  {"a.png", rawPNG(t, gray, make([]byte, 21))},
		"PNG of a wrong filter":   {"a.png", rawPNG(t, gray, bytes.Repeat([]byte{9}, 20))},
		"interlaced PNG cut off":  {"a.png", rawPNG(t, pngHeader(8, 8, 8, 0, 1), make([]byte, 60))},
		"JPEG cut in its pixels":  {"a.jpg", photo[:len(photo)/2]},
		"lossy WebP cut off":      {"a.webp", webpOf(t, lossyWebP)[:36]},
		"lossless WebP cut off":   {"a.webp", webpOf(t, losslessWebP)[:30]},
		"WebP with alpha cut off": {"a.webp", webpOf(t, alphaWebP)[:60]},
		"animated WebP cut off":   {"a.webp", webpOf(t, animatedWebP)[:70]},
		"WebP with flipped bytes": {"a.webp", flip(webpOf(t, losslessWebP), 26)},
	} {
		_, problems := asset.Read("assets/"+test.file, []byte(test.data))
		if len(problems) != 1 || problems[0].Kind != asset.WrongType || !strings.Contains(problems[0].Message, "damaged: ") {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestAWholeImagePasses(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"a.png":          noisyPNG(t),
		"interlaced.png": rawPNG(t, pngHeader(8, 8, 8, 0, 1), make([]byte, 64+15)),
		"bits.png":       rawPNG(t, pngHeader(9, 2, 1, 0, 0), make([]byte, 6)),
		"large.png":      rawPNG(t, pngHeader(8192, 8192, 1, 0, 0), make([]byte, 8192*1025)),
		"a.jpg":          noisyJPEG(t),
		"trailer.jpg":    noisyJPEG(t) + "made by a camera",
	} {
		if _, problems := asset.Read("assets/"+name, []byte(data)); len(problems) != 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
}
