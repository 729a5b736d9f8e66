package release

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The index log lists the files of all releases. After a heading, which tells
// how many lines it had when it was last rewritten, each release has a block
// with its differences from an earlier release, or from nothing:
//
//	netsync release index 3, lines: 000000000002
//	release <name> <earlier name or -> <files> <nanoseconds since 1970>
//	<hash> <size> <modification time> <name>
//	gone <name>
//	sha256 <hash of the last hash and the lines since>
//
// Before the first hash, it is zeros.
const (
	logHeading    = "netsync release index 3, lines: %012d\n"
	releasePrefix = "release "
	removedPrefix = "gone "
	sumPrefix     = "sha256 "
	noBase        = "-"
)

// encodeBlock appends the block of a release, and returns its hash.
func encodeBlock(b *bytes.Buffer, r *indexed, base string, changes map[string]change, previous [sha256.Size]byte) [sha256.Size]byte {
	start := b.Len()
	b.Grow(len(changes) * 160)
	fmt.Fprintf(b, "%s%s %s %d %d\n", releasePrefix, r.name, cmp.Or(base, noBase), r.index.count, r.time.UnixNano())
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if c := changes[name]; c.removed {
			b.WriteString(removedPrefix + name + "\n")
		} else {
			writeLine(b, name, c.entry)
		}
	}
	sum := chainSum(previous, b.Bytes()[start:])
	fmt.Fprintf(b, "%s%x\n", sumPrefix, sum)
	return sum
}

func chainSum(previous [sha256.Size]byte, lines []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	h.Write(previous[:])
	h.Write(lines)
	h.Sum(sum[:0])
	return sum
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

// cutBlock cuts the first block off. It returns false if that is incomplete or
// damaged.
func cutBlock(data []byte, previous [sha256.Size]byte) (lines, rest []byte, sum [sha256.Size]byte, ok bool) {
	at := bytes.Index(data, []byte("\n"+sumPrefix)) + 1
	end := at + len(sumPrefix) + 2*sha256.Size + 1
	if at == 0 || end > len(data) {
		return nil, data, sum, false
	}
	lines = data[:at]
	sum = chainSum(previous, lines)
	return lines, data[end:], sum, string(data[at:end]) == fmt.Sprintf("%s%x\n", sumPrefix, sum)
}

// decodeBlock decodes the lines of a block. find returns the index of an
// earlier release.
func decodeBlock(lines []byte, find func(name string) (index, bool)) (*indexed, error) {
	heading, rest, _ := bytes.Cut(lines, []byte("\n"))
	var r indexed
	var base string
	var files int
	var nanoseconds int64
	if _, err := fmt.Sscanf(string(heading), releasePrefix+"%s %s %d %d", &r.name, &base, &files, &nanoseconds); err != nil {
		return nil, fmt.Errorf("heading %q: %w", heading, err)
	}
	if err := checkLabel(r.name); err != nil {
		return nil, err
	}
	r.time = time.Unix(0, nanoseconds)
	from, ok := index{}, base == noBase
	if !ok {
		if from, ok = find(base); !ok {
			return nil, fmt.Errorf("release %s is based on %s, which is not listed", r.name, base)
		}
	}
	var err error
	if r.index, err = from.withLines(rest); err == nil && r.index.count != files {
		err = fmt.Errorf("release %s has %d files where its heading says %d", r.name, r.index.count, files)
	}
	return &r, err
}

// withLines returns the index after the changes of lines.
func (x index) withLines(lines []byte) (index, error) {
	var bad error
	next := x.withChanges(func(yield func(string, change) bool) {
		for len(lines) > 0 {
			var line []byte
			line, lines, _ = bytes.Cut(lines, []byte("\n"))
			name, c, err := decodeLine(string(line))
			if err != nil {
				bad = err
				return
			}
			if !yield(name, c) {
				return
			}
		}
	})
	return next, bad
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
