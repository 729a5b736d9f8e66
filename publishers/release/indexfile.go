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

// An index lies on the disk in one of two forms. The whole form has a heading
// and a line for each file:
//
//	netsync release index 1, files: 2
//	<hash> <size> <modification time> <name>
//
// The short form says how it departs from an index in the whole form, which
// lies beside it as <name>.base, so that a release in which little changes
// writes little. Of several lines of a name the last holds:
//
//	netsync release index 2, files: 2, base: <hash of the base's file>
//	<hash> <size> <modification time> <name>
//	gone <name>
//	sha256 <hash of all above>
const (
	indexSuffix = ".index"
	baseSuffix  = ".base"

	goneWord = "gone "
	sumWord  = "sha256 "
)

// encode writes the whole form, sorted by name.
func (x index) encode() []byte {
	var b bytes.Buffer
	b.Grow(x.count * 160)
	fmt.Fprintf(&b, "netsync release index 1, files: %d\n", x.count)
	for _, name := range x.names() {
		e, _ := x.get(name)
		writeLine(&b, name, e)
	}
	return b.Bytes()
}

func writeLine(b *bytes.Buffer, name string, e entry) {
	line := b.AvailableBuffer()
	line = hex.AppendEncode(line, e.sum[:])
	line = append(line, ' ')
	line = strconv.AppendInt(line, e.size, 10)
	line = append(line, ' ')
	line = strconv.AppendInt(line, e.mtime, 10)
	line = append(line, ' ')
	line = append(line, name...)
	b.Write(append(line, '\n'))
}

// encodeChanges writes the lines of the short form, sorted by name.
func encodeChanges(changes map[string]change) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if c := changes[name]; c.gone {
			b.WriteString(goneWord + name + "\n")
		} else {
			writeLine(&b, name, c.entry)
		}
	}
	return b.Bytes()
}

// encodeShort writes the short form: lines come from encodeChanges, of this
// release after those of the releases before.
func encodeShort(files int, base [sha256.Size]byte, lines []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "netsync release index 2, files: %d, base: %x\n", files, base)
	b.Write(lines)
	fmt.Fprintf(&b, "%s%x\n", sumWord, sha256.Sum256(b.Bytes()))
	return b.Bytes()
}

// decodeIndex reads what encode wrote and refuses anything less, a file that
// was cut short among it.
func decodeIndex(data []byte) (index, error) {
	if !bytes.HasSuffix(data, []byte("\n")) {
		return index{}, errors.New("cut short")
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Scan()
	var count int
	if _, err := fmt.Sscanf(lines.Text(), "netsync release index 1, files: %d", &count); err != nil {
		return index{}, fmt.Errorf("heading: %w", err)
	}
	x, err := index{}.read(lines)
	if err == nil && x.count != count {
		err = fmt.Errorf("%d files where the heading says %d", x.count, count)
	}
	return x, err
}

// read takes lines in.
func (x index) read(lines *bufio.Scanner) (index, error) {
	var bad error
	next := x.with(func(yield func(string, change) bool) {
		for lines.Scan() {
			name, c, err := decodeLine(lines.Text())
			if err != nil {
				bad = err
				return
			}
			if !yield(name, c) {
				return
			}
		}
	})
	return next, errors.Join(bad, lines.Err())
}

// A short is the short form, read.
type short struct {
	files int
	base  [sha256.Size]byte
	lines []byte // its changes
}

// decodeShort reads the short form; false says that it is none.
func decodeShort(data []byte) (short, bool, error) {
	heading, rest, _ := bytes.Cut(data, []byte("\n"))
	var s short
	var base string
	if _, err := fmt.Sscanf(string(heading), "netsync release index 2, files: %d, base: %s", &s.files, &base); err != nil {
		return s, false, nil
	}
	if n, err := hex.Decode(s.base[:], []byte(base)); err != nil || n != len(s.base) {
		return s, true, fmt.Errorf("base %q: no hash", base)
	}
	end := len(data) - len(sumWord) - 2*sha256.Size - 1
	if end < len(heading)+1 {
		return s, true, errors.New("cut short")
	}
	if sum := sha256.Sum256(data[:end]); string(data[end:]) != fmt.Sprintf("%s%x\n", sumWord, sum) {
		return s, true, errors.New("its own hash does not fit")
	}
	s.lines = rest[:end-len(heading)-1]
	return s, true, nil
}

// on applies to an index the changes that it has not seen.
func (s short) on(from *loaded) (index, error) {
	x, err := from.index.read(bufio.NewScanner(bytes.NewReader(s.lines[len(from.lines):])))
	if err == nil && x.count != s.files {
		err = fmt.Errorf("%d files where the heading says %d", x.count, s.files)
	}
	return x, err
}

func decodeLine(line string) (string, change, error) {
	if name, ok := strings.CutPrefix(line, goneWord); ok {
		return strings.Clone(name), change{gone: true}, checkName(name)
	}
	var e entry
	parts := strings.SplitN(line, " ", 4)
	if len(parts) != 4 || len(parts[0]) != 2*sha256.Size {
		return "", change{}, fmt.Errorf("malformed line %q", line)
	}
	if _, err := hex.Decode(e.sum[:], []byte(parts[0])); err != nil {
		return "", change{}, fmt.Errorf("hash in line %q: %w", line, err)
	}
	var err error
	if e.size, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
		return "", change{}, fmt.Errorf("size in line %q: %w", line, err)
	}
	if e.mtime, err = strconv.ParseInt(parts[2], 10, 64); err != nil {
		return "", change{}, fmt.Errorf("time in line %q: %w", line, err)
	}
	return strings.Clone(parts[3]), change{entry: e}, checkName(parts[3])
}
