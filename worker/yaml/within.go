package yaml

import "bytes"

// LocateWithin returns the place of a part of the text that a JSON pointer names: its
// first place if the source has the part to the letter, otherwise that of the whole
// text.
func (d *Document) LocateWithin(pointer, part string) Range {
	at, _, found := d.findNode(pointer)
	if !found || part == "" {
		return d.Locate(pointer)
	}
	n := d.tree.nodes[at]
	if n.end > len(d.tree.data) || n.start > n.end {
		return d.Locate(pointer)
	}
	i := bytes.Index(d.tree.data[n.start:n.end], []byte(part))
	if i < 0 {
		return d.Locate(pointer)
	}
	return d.tree.rangeOf(n.start+i, n.start+i+len(part))
}
