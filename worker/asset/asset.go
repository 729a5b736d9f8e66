// Package asset checks the images of a dataset: that they are what their name
// says, that they are not too large, and that an SVG can do nothing but be
// looked at.
package asset

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // reads the header of a jpg
	_ "image/png"  // reads the header of a png
	"path"
)

// Limits of an image.
const (
	MaxSize = 1 << 20 // bytes
	// MaxSide bounds width and height of a png or jpg, in pixels: a few bytes
	// can claim to be a picture that no machine has room for.
	MaxSide = 8192
)

// A Kind says in what way an image is wrong.
type Kind string

// The kinds of problems. The rules of validation give them their codes.
const (
	TooLarge  Kind = "asset-too-large"
	WrongType Kind = "asset-type"
	Unsafe    Kind = "unsafe-svg"
)

// A Problem is something that keeps an image from being shown.
type Problem struct {
	Kind    Kind
	Line    int // from 1
	Column  int // from 1, in bytes
	Message string
}

// Check finds what is wrong with an image, whose type is told by the ending of
// its name: svg, png, webp or jpg.
func Check(name string, data []byte) []Problem {
	if problems := CheckSize(int64(len(data))); problems != nil {
		return problems
	}
	if path.Ext(name) == ".svg" {
		return checkSVG(data)
	}
	want, got := formats[path.Ext(name)], formatOf(data)
	switch {
	case got == "":
		return []Problem{atStart(WrongType, "the file is no %s image", want)}
	case got != want:
		return []Problem{atStart(WrongType, "the file is a %s image, its name says %s", got, want)}
	case want == "WebP":
		return nil // the standard library reads none
	}
	header, _, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil:
		return []Problem{atStart(WrongType, "the %s image is damaged: %v", want, err)}
	case header.Width > MaxSide || header.Height > MaxSide:
		return []Problem{atStart(TooLarge, "the image has %d × %d pixels, at most %d each way are allowed", header.Width, header.Height, MaxSide)}
	}
	return nil
}

// CheckSize finds an image, of that many bytes, to be too large to be looked
// at.
func CheckSize(size int64) []Problem {
	if size <= MaxSize {
		return nil
	}
	return []Problem{atStart(TooLarge, "the image has %d KiB, at most %d are allowed", size>>10, MaxSize>>10)}
}

func atStart(kind Kind, format string, args ...any) Problem {
	return Problem{kind, 1, 1, fmt.Sprintf(format, args...)}
}

var formats = map[string]string{".png": "PNG", ".jpg": "JPEG", ".webp": "WebP"}

// formatOf tells a format by its first bytes (PNG 3rd ed. §5.2, JPEG T.81
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
