package asset

import "encoding/binary"

// webpSize returns the width and height of a WebP image in pixels from the header of its
// first chunk (RFC 9649 §2.5 to §2.7), or 0 for an unknown chunk.
func webpSize(data []byte) (width, height int) {
	const header = 20 // RIFF, its size, WEBP, the chunk's name and size
	if len(data) < header+10 {
		return 0, 0
	}
	chunk := data[header:]
	switch string(data[12:16]) {
	case "VP8 ": // lossy: a key frame's start code, then 14 bits each (RFC 6386 §9.1)
		if string(chunk[3:6]) != "\x9d\x01\x2a" {
			return 0, 0
		}
		return int(binary.LittleEndian.Uint16(chunk[6:])) & 0x3fff, int(binary.LittleEndian.Uint16(chunk[8:])) & 0x3fff
	case "VP8L": // lossless: a signature, then 14 bits each, less one (RFC 9649 §3.4)
		if chunk[0] != 0x2f {
			return 0, 0
		}
		bits := binary.LittleEndian.Uint32(chunk[1:])
		return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1
	case "VP8X": // extended: flags, then 24 bits each, less one
		return uint24(chunk[4:]) + 1, uint24(chunk[7:]) + 1
	}
	return 0, 0
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
