package asset

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// checkPNG reads a PNG to its end without keeping its pixels, as a few bytes can declare
// hundreds of megabytes of them. It checks the checksum of each chunk, and that the pixels
// have the size in the header (PNG 3rd ed. §5.3, §7, §10).
func checkPNG(data []byte) error {
	chunks := pngChunks{rest: data[len("\x89PNG\r\n\x1a\n"):]}
	header, err := chunks.nextChunk()
	if err != nil || chunks.kind != "IHDR" || len(header) != 13 {
		return errors.Join(err, errors.New("it does not begin with a header"))
	}
	pixels, err := zlib.NewReader(bufio.NewReader(&chunks))
	if chunks.err != nil {
		return chunks.err
	}
	if err != nil {
		return fmt.Errorf("its pixels cannot be read: %w", err)
	}
	for _, pass := range pngPasses(header) {
		if err := checkRows(pixels, pass); err != nil {
			return errors.Join(chunks.err, err)
		}
	}
	if n, err := io.Copy(io.Discard, io.LimitReader(pixels, 1)); err != nil || n > 0 {
		return errors.Join(chunks.err, err, errors.New("it has more pixels than its header says"))
	}
	for chunks.kind != "IEND" {
		if _, err := chunks.nextChunk(); err != nil {
			return err
		}
	}
	return nil
}

// rows are the rows of a pass over an image; size is in bytes, without the byte of the
// filter.
type rows struct{ n, size int64 }

// adam7 are the passes of an interlaced image, with their starts and steps (§8.1).
var adam7 = [7][4]int64{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}

func pngPasses(header []byte) (passes []rows) {
	width, height := int64(binary.BigEndian.Uint32(header)), int64(binary.BigEndian.Uint32(header[4:]))
	samples := map[byte]int64{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[header[9]] // by type of colour
	bits := samples * int64(header[8])
	if header[12] == 0 {
		return []rows{{height, (width*bits + 7) / 8}}
	}
	for _, p := range adam7 {
		w, h := (width-p[0]+p[2]-1)/p[2], (height-p[1]+p[3]-1)/p[3]
		if w > 0 && h > 0 {
			passes = append(passes, rows{h, (w*bits + 7) / 8})
		}
	}
	return passes
}

// maxPNGFilter is the last type of filter (§9.2).
const maxPNGFilter = 4

func checkRows(pixels io.Reader, pass rows) error {
	row := make([]byte, 1+pass.size)
	for range pass.n {
		if _, err := io.ReadFull(pixels, row); err != nil {
			return fmt.Errorf("its pixels end early or cannot be read: %w", noEOF(err))
		}
		if row[0] > maxPNGFilter {
			return fmt.Errorf("a row has the unknown filter %d", row[0])
		}
	}
	return nil
}

// pngChunks reads the chunks of a PNG. As an io.Reader it returns the data of its IDAT
// chunks.
type pngChunks struct {
	rest  []byte
	kind  string // of the last chunk
	pixel bytes.Reader
	err   error
}

// nextChunk returns the data of the next chunk.
func (c *pngChunks) nextChunk() ([]byte, error) {
	const frame = 12 // length, type and checksum
	if len(c.rest) < frame || int64(binary.BigEndian.Uint32(c.rest)) > int64(len(c.rest)-frame) {
		return nil, errors.New("it is cut off")
	}
	n := int(binary.BigEndian.Uint32(c.rest))
	c.kind = string(c.rest[4:8])
	if crc32.ChecksumIEEE(c.rest[4:8+n]) != binary.BigEndian.Uint32(c.rest[8+n:]) {
		return nil, fmt.Errorf("the chunk %q does not have the checksum that it says", c.kind)
	}
	data := c.rest[8 : 8+n]
	c.rest = c.rest[frame+n:]
	return data, nil
}

func (c *pngChunks) Read(p []byte) (int, error) {
	for c.pixel.Len() == 0 {
		if c.err != nil {
			return 0, c.err
		}
		if c.kind == "IEND" {
			return 0, io.EOF
		}
		data, err := c.nextChunk()
		if err != nil {
			c.err = err
			return 0, err
		}
		if c.kind == "IDAT" {
			c.pixel.Reset(data)
		}
	}
	return c.pixel.Read(p)
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
