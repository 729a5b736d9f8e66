package target

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
)

// oursFile says, at a target, which of its files are ours: a heading, and a
// name on each line.
const oursFile = "netsync-index"

const oursHeading = "Files that netsync writes here; it leaves others alone."

// names are a set of files.
type names map[string]bool

// encode writes names sorted, so that the same site gives the same bytes.
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

// decodeNames reads what encode wrote; false says that it is something else.
// Lines that are no names of files are none of ours.
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
