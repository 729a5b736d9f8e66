package release

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const indexSuffix = ".index"

// entry is what the index says of one file. The modification time only saves
// work: a file that has it, and the size, is taken to be unchanged on disk.
type entry struct {
	sum   [sha256.Size]byte
	size  int64
	mtime int64 // nanoseconds since 1970
}

// same says whether two entries describe the same content.
func (e entry) same(o entry) bool { return e.sum == o.sum && e.size == o.size }

// index is the files of a release by name.
type index map[string]entry

// same says whether two releases hold the same names with the same content.
func (x index) same(o index) bool {
	return maps.EqualFunc(x, o, entry.same)
}

// names are sorted.
func (x index) names() []string { return slices.Sorted(maps.Keys(x)) }

// encode writes a heading with the number of files, then a line for each file
// by name: hash, size, modification time, name.
func (x index) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "netsync release index 1, files: %d\n", len(x))
	for _, name := range x.names() {
		e := x[name]
		b.WriteString(hex.EncodeToString(e.sum[:]))
		b.WriteByte(' ')
		b.WriteString(strconv.FormatInt(e.size, 10))
		b.WriteByte(' ')
		b.WriteString(strconv.FormatInt(e.mtime, 10))
		b.WriteByte(' ')
		b.WriteString(name)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// decodeIndex reads what encode wrote and refuses anything less, a file that
// was cut short among it.
func decodeIndex(data []byte) (index, error) {
	if !bytes.HasSuffix(data, []byte("\n")) {
		return nil, errors.New("cut short")
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Scan()
	var count int
	if _, err := fmt.Sscanf(lines.Text(), "netsync release index 1, files: %d", &count); err != nil {
		return nil, fmt.Errorf("heading: %w", err)
	}
	x := make(index, min(max(count, 0), len(data)/sha256.Size))
	for lines.Scan() {
		name, e, err := decodeLine(lines.Text())
		if err != nil {
			return nil, err
		}
		x[name] = e
	}
	if len(x) != count {
		return nil, fmt.Errorf("%d files where the heading says %d", len(x), count)
	}
	return x, lines.Err()
}

func decodeLine(line string) (string, entry, error) {
	var e entry
	parts := strings.SplitN(line, " ", 4)
	if len(parts) != 4 || len(parts[0]) != 2*sha256.Size {
		return "", e, fmt.Errorf("malformed line %q", line)
	}
	if _, err := hex.Decode(e.sum[:], []byte(parts[0])); err != nil {
		return "", e, fmt.Errorf("hash in line %q: %w", line, err)
	}
	var err error
	if e.size, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
		return "", e, fmt.Errorf("size in line %q: %w", line, err)
	}
	if e.mtime, err = strconv.ParseInt(parts[2], 10, 64); err != nil {
		return "", e, fmt.Errorf("time in line %q: %w", line, err)
	}
	return parts[3], e, checkName(parts[3])
}
