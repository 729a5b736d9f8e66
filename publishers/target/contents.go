package target

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// unknown stands for the ETag of an object whose upload was not confirmed.
const unknown = "-"

// encodeContents encodes our objects and their content: a heading, and a line for each with
// ETag, SHA-256 and name. decodeNames can read the names.
func encodeContents(all map[string]content) []byte {
	var b bytes.Buffer
	b.WriteString(oursHeading + "\n")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		c := all[name]
		if c.etag == "" {
			c.etag = unknown
		}
		fmt.Fprintf(&b, "%s %s %s\n", c.etag, c.sum, name)
	}
	return b.Bytes()
}

// decodeContents decodes the output of encodeContents; ok is false for another file. It
// skips lines that it cannot parse.
func decodeContents(data []byte) (map[string]content, bool) {
	all := make(map[string]content)
	heading, rest, _ := strings.Cut(string(data), "\n")
	if heading != oursHeading {
		return all, false
	}
	for line := range strings.SplitSeq(rest, "\n") {
		parts := strings.SplitN(line, " ", 3)
		if len(parts) != 3 || parts[2] == "." || parts[2] == oursFile || !fs.ValidPath(parts[2]) {
			continue
		}
		c := content{etag: parts[0], sum: parts[1]}
		if c.etag == unknown {
			c.etag = ""
		}
		all[parts[2]] = c
	}
	return all, true
}
