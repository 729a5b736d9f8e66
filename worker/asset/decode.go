package asset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/jpeg"

	"golang.org/x/image/webp"
)

// maxDecoded is the maximum number of pixels of a JPEG or WebP image that is decoded, which
// takes up to 16 bytes each. Only the end of a larger one is checked.
const maxDecoded = 4 << 20

// decodeImage checks that an image is complete: a truncated or damaged one may have a
// readable header.
func decodeImage(format string, data []byte, width, height int) error {
	large := width*height > maxDecoded
	switch {
	case format == "PNG":
		return checkPNG(data)
	case format == "JPEG" && large:
		if !bytes.Contains(data[len(data)-min(len(data), maxJPEGTrailer):], []byte("\xff\xd9")) {
			return errCutOff
		}
		return nil
	case format == "JPEG":
		_, err := jpeg.Decode(bytes.NewReader(data))
		if unsupported := jpeg.UnsupportedError(""); errors.As(err, &unsupported) {
			return nil // browsers know more of JPEG
		}
		return err
	}
	if err := checkWebPChunks(data); err != nil || large || isAnimated(data) {
		return err
	}
	_, err := webp.Decode(bytes.NewReader(data))
	return err
}

// maxJPEGTrailer is the maximum number of bytes after the end of a JPEG, where cameras add
// data.
const maxJPEGTrailer = 64 << 10

var errCutOff = errors.New("it is cut off")

// checkWebPChunks compares the chunks of a WebP image with its size (RFC 9649
// §2.3 and §2.4).
func checkWebPChunks(data []byte) error {
	size := int64(binary.LittleEndian.Uint32(data[4:])) + 8
	if size > int64(len(data)) {
		return errCutOff
	}
	for rest := data[12:size]; len(rest) > 0; {
		const header = 8
		if len(rest) < header {
			return errCutOff
		}
		n := int64(binary.LittleEndian.Uint32(rest[4:]))
		if n > int64(len(rest)-header) {
			return errCutOff
		}
		rest = rest[min(header+n+n&1, int64(len(rest))):]
	}
	return nil
}

// isAnimated reports whether a WebP image has frames (RFC 9649 §2.7), which the decoder does
// not support.
func isAnimated(data []byte) bool {
	const flags, animation = 20, 1 << 1
	return len(data) > flags && string(data[12:16]) == "VP8X" && data[flags]&animation != 0
}
