// Package asset reads the images of a dataset. It checks that their format is that of their
// name, that they are not too large, and that an SVG image only draws, and returns what
// records say about them.
package asset

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // reads the header of a jpg
	_ "image/png"  // reads the header of a png
	"path"
	"strings"

	"netsync/schema"
)

// Limits of an image.
const (
	MaxSize = schema.MaxImage // bytes
	// MaxSide is the maximum width and height of a png, jpg or webp image in pixels: a few
	// bytes can declare an image that no machine can hold.
	MaxSide = 8192
)

// A Kind is a kind of problem of an image.
type Kind string

// Kinds of problems. The rules of validation give them codes.
const (
	TooLarge  Kind = "asset-too-large"
	WrongType Kind = "asset-type"
	Unsafe    Kind = "unsafe-svg"
)

// A Problem is a reason not to show an image.
type Problem struct {
	Kind    Kind
	Line    int // from 1
	Column  int // from 1, in bytes
	Message string
}

// Read returns the description and the problems of an image. The ending of its name gives
// its type: svg, png, webp or jpg. The description of an image with problems is not
// reliable.
func Read(name string, data []byte) (schema.Image, []Problem) {
	format, ok := formats[path.Ext(name)]
	if !ok {
		return schema.Image{}, []Problem{atStart(WrongType, "the file's name does not say that it is an image")}
	}
	image := schema.Image{Digest: schema.DigestOf(data), MediaType: format.mediaType, Size: int64(len(data))}
	problems := CheckSize(image.Size)
	if problems == nil {
		image.Width, image.Height, problems = format.read(data)
	}
	return image, problems
}

// A format is a format of images. Its read returns the declared width and height in pixels,
// or 0.
type format struct {
	mediaType string
	read      func(data []byte) (width, height int, problems []Problem)
}

var formats = map[string]format{
	".svg":  {"image/svg+xml", readSVG},
	".png":  {"image/png", func(data []byte) (int, int, []Problem) { return readPixels("PNG", data) }},
	".jpg":  {"image/jpeg", func(data []byte) (int, int, []Problem) { return readPixels("JPEG", data) }},
	".webp": {"image/webp", func(data []byte) (int, int, []Problem) { return readPixels("WebP", data) }},
}

// readPixels reads an image that consists of pixels.
func readPixels(want string, data []byte) (width, height int, problems []Problem) {
	switch got := formatOf(data); {
	case got == "":
		return 0, 0, []Problem{atStart(WrongType, "the file is no %s image", want)}
	case got != want:
		return 0, 0, []Problem{atStart(WrongType, "the file is a %s image, its name says %s", got, want)}
	case want == "WebP":
		if width, height = webpSize(data); width == 0 {
			return 0, 0, []Problem{atStart(WrongType, "the WebP image is damaged: it does not begin with a header")}
		}
	default:
		header, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			return 0, 0, []Problem{atStart(WrongType, "the %s image is damaged: %v", want, err)}
		}
		width, height = header.Width, header.Height
	}
	if width > MaxSide || height > MaxSide {
		return width, height, []Problem{atStart(TooLarge, "the image has %d × %d pixels, at most %d each way are allowed", width, height, MaxSide)}
	}
	if err := decodeImage(want, data, width, height); err != nil {
		return width, height, []Problem{atStart(WrongType, "the %s image is damaged: %s", want, firstLine(err))}
	}
	return width, height, nil
}

// firstLine returns the first line of an error.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// CheckSize returns a problem for an image with too many bytes.
func CheckSize(size int64) []Problem {
	if size <= MaxSize {
		return nil
	}
	return []Problem{atStart(TooLarge, "the image has %d KiB, at most %d are allowed", size>>10, MaxSize>>10)}
}

func atStart(kind Kind, format string, args ...any) Problem {
	return Problem{kind, 1, 1, fmt.Sprintf(format, args...)}
}

// formatOf returns the format of the first bytes (PNG 3rd ed. §5.2, JPEG T.81
// §B.1, WebP RFC 9649 §2.4).
func formatOf(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return "PNG"
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return "JPEG"
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return "WebP"
	case bytes.HasPrefix(data, []byte("GIF8")):
		return "GIF"
	}
	return ""
}
