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

// An index is stored in one of two forms. The full form has a heading and a
// line for each file:
//
//	netsync release index 1, files: 2
//	<hash> <size> <modification time> <name>
//
// The delta form lists the differences from an index in the full form, which is
// beside it as <name>.base, so that a small change writes little. The last line
// of a name wins:
//
//	netsync release index 2, files: 2, base: <hash of the base's file>
//	<hash> <size> <modification time> <name>
//	gone <name>
//	sha256 <hash of all above>
const (
	indexSuffix = ".index"
	baseSuffix  = ".base"

	removedPrefix = "gone "
	sumPrefix     = "sha256 "
)

// encode returns the full form, sorted by name.
func (x index) encode() []byte {
	var b bytes.Buffer
	b.Grow(x.count * 160)
	fmt.Fprintf(&b, "netsync release index 1, files: %d\n", x.count)
	for _, name := range x.sortedNames() {
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

// encodeChanges returns the lines of the delta form, sorted by name.
func encodeChanges(changes map[string]change) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if c := changes[name]; c.removed {
			b.WriteString(removedPrefix + name + "\n")
		} else {
			writeLine(&b, name, c.entry)
		}
	}
	return b.Bytes()
}

// encodeDelta returns the delta form. The lines come from encodeChanges, older
// releases first.
func encodeDelta(files int, base [sha256.Size]byte, lines []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "netsync release index 2, files: %d, base: %x\n", files, base)
	b.Write(lines)
	fmt.Fprintf(&b, "%s%x\n", sumPrefix, sha256.Sum256(b.Bytes()))
	return b.Bytes()
}

// decodeIndex decodes the full form. It rejects incomplete data.
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
	x, err := index{}.readLines(lines)
	if err == nil && x.count != count {
		err = fmt.Errorf("%d files where the heading says %d", x.count, count)
	}
	return x, err
}

// readLines returns the index after the changes of lines.
func (x index) readLines(lines *bufio.Scanner) (index, error) {
	var bad error
	next := x.withChanges(func(yield func(string, change) bool) {
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

// A deltaIndex is a decoded delta form.
type deltaIndex struct {
	files int
	base  [sha256.Size]byte
	lines []byte // its changes
}

// decodeDelta decodes the delta form. It returns false if data is not in that
// form.
func decodeDelta(data []byte) (deltaIndex, bool, error) {
	heading, rest, _ := bytes.Cut(data, []byte("\n"))
	var d deltaIndex
	var base string
	if _, err := fmt.Sscanf(string(heading), "netsync release index 2, files: %d, base: %s", &d.files, &base); err != nil {
		return d, false, nil
	}
	if n, err := hex.Decode(d.base[:], []byte(base)); err != nil || n != len(d.base) {
		return d, true, fmt.Errorf("base %q: no hash", base)
	}
	end := len(data) - len(sumPrefix) - 2*sha256.Size - 1
	if end < len(heading)+1 {
		return d, true, errors.New("cut short")
	}
	if sum := sha256.Sum256(data[:end]); string(data[end:]) != fmt.Sprintf("%s%x\n", sumPrefix, sum) {
		return d, true, errors.New("its own hash does not fit")
	}
	d.lines = rest[:end-len(heading)-1]
	return d, true, nil
}

// applyTo applies the lines of d that from does not contain yet.
func (d deltaIndex) applyTo(from *loadedIndex) (index, error) {
	x, err := from.index.readLines(bufio.NewScanner(bytes.NewReader(d.lines[len(from.lines):])))
	if err == nil && x.count != d.files {
		err = fmt.Errorf("%d files where the heading says %d", x.count, d.files)
	}
	return x, err
}

func decodeLine(line string) (string, change, error) {
	if name, ok := strings.CutPrefix(line, removedPrefix); ok {
		return strings.Clone(name), change{removed: true}, checkName(name)
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
