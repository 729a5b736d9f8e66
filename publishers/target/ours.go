package target

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
)

// oursFile is the file at a target that lists our files: a heading, and a name on each
// line.
const oursFile = "netsync-index"

const oursHeading = "Files that netsync writes here; it leaves others alone."

// names are a set of files.
type names map[string]bool

// encode encodes the names sorted, so that the same site gives the same bytes.
func (n names) encode() []byte {
	all := make([]string, 0, len(n))
	for name := range n {
		all = append(all, name)
	}
	slices.Sort(all)
	var b bytes.Buffer
	b.WriteString(oursHeading + "\n")
	for _, name := range all {
		b.WriteString(name + "\n")
	}
	return b.Bytes()
}

// decodeNames decodes the output of encode; ok is false for another file. It skips lines
// that are not names of files.
func decodeNames(data []byte) (names, bool) {
	n := make(names)
	heading, rest, _ := strings.Cut(string(data), "\n")
	if heading != oursHeading {
		return n, false
	}
	for name := range strings.SplitSeq(rest, "\n") {
		if name != "" && name != "." && name != oursFile && fs.ValidPath(name) {
			n[name] = true
		}
	}
	return n, true
}
