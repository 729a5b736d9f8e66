package feed

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// maxPage is the size of a page's items in JSON, in bytes; one item alone may
// be larger.
const maxPage = 512 << 10

// A strand is one feed: what it says of itself, and those of its items that
// are on no page of its archive yet. Pages are numbered from 1, the oldest.
type strand struct {
	place
	name    string // of the network that it is about
	pages   int
	items   []fragment // oldest first
	updated time.Time  // of the newest item
}

// A fragment is an item in both formats, as it lies in a file.
type fragment struct{ json, atom []byte }

func (s *strand) add(f fragment, at time.Time) {
	s.items = append(s.items, f)
	s.updated = at
}

// full returns the items that the next page of the archive takes. A page takes
// as many items as it holds, and no longer changes then. They leave the feed
// once it has enough without them, or is twice as large as a page. Whether
// items come one by one or many at once, they end on the same pages.
func (s *strand) full(items, limit int) (page []fragment, ok bool) {
	n, size := 0, 0
	for n < len(s.items) && n < items && (n == 0 || size+len(s.items[n].json) <= limit) {
		size += len(s.items[n].json)
		n++
	}
	if n == len(s.items) {
		return nil, false
	}
	rest := 0
	for _, f := range s.items[n:] {
		rest += len(f.json)
	}
	return s.items[:n], len(s.items)-n >= items || size+rest > 2*limit
}

// pageName is the name of a page of the archive, as path names the feed. The
// first feed's archive is where the others are.
func pageName(path string, page int) string {
	if path == "feed" {
		path = "feeds/" + string(everything)
	}
	return path + "." + strconv.Itoa(page)
}

// load reads a strand from its two files.
func (s *strand) load(asJSON, asAtom []byte) error {
	head, items, err := splitJSON(asJSON)
	if err != nil {
		return err
	}
	entries, err := splitAtom(asAtom)
	if err != nil {
		return err
	}
	if len(items) != len(entries) {
		return fmt.Errorf("%d items in JSON, %d in Atom", len(items), len(entries))
	}
	for i := range items {
		newest := len(items) - 1 - i
		s.items = append(s.items, fragment{items[newest], entries[newest]})
	}
	s.name, s.pages, s.updated = head.Netsync.Name, head.Netsync.Archived, head.Netsync.Updated
	return nil
}

// between cuts what lies between two texts at the joints.
func between(data []byte, begin, joint, end string) (head []byte, parts [][]byte, err error) {
	head, rest, ok := bytes.Cut(data, []byte(begin))
	body, tailed := bytes.CutSuffix(rest, []byte(end))
	if !ok || !tailed {
		return nil, nil, fmt.Errorf("no %q … %q", begin, end)
	}
	return head, bytes.Split(body, []byte(joint)), nil
}

// join is the inverse of between. Parts come in the opposite order.
func join(b *bytes.Buffer, begin, joint, end string, parts int, part func(i int) []byte) {
	b.WriteString(begin)
	for i := range parts {
		if i > 0 {
			b.WriteString(joint)
		}
		b.Write(part(parts - 1 - i))
	}
	b.WriteString(end)
}
