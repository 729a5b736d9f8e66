package feed

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// maxPage is the maximum size of a page's items in JSON, in bytes. A single item
// may be larger.
const maxPage = 512 << 10

// A scopedFeed is the feed of one scope in one language, with the items that are
// not in its archive yet. Archive pages are numbered from 1, the oldest.
type scopedFeed struct {
	feedKey
	name    string // of the scope's network
	pages   int
	items   []renderedItem // oldest first
	updated time.Time      // of the newest item
}

// A renderedItem is an item in both formats, as in the feed's files.
type renderedItem struct{ json, atom []byte }

func (s *scopedFeed) add(f renderedItem, at time.Time) {
	s.items = append(s.items, f)
	s.updated = at
}

// nextPage returns the items for the next archive page, if there is a full page
// and the feed keeps at least items without it or exceeds twice limit bytes.
// Pages are filled from the oldest item on, so their contents do not depend on
// whether items are added one by one or many at once.
func (s *scopedFeed) nextPage(items, limit int) (page []renderedItem, ok bool) {
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

// pageName returns the path of an archive page of the feed at path. The archive
// of feed.json is in feeds/, too.
func pageName(path string, page int) string {
	if path == "feed" {
		path = "feeds/" + string(allChanges)
	}
	return path + "." + strconv.Itoa(page)
}

// load decodes a feed from its two files.
func (s *scopedFeed) load(asJSON, asAtom []byte) error {
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
		s.items = append(s.items, renderedItem{items[newest], entries[newest]})
	}
	s.name, s.pages, s.updated = head.Netsync.Name, head.Netsync.Archived, head.Netsync.Updated
	return nil
}

// splitParts returns the text before begin and the parts between begin and end,
// split at each separator.
func splitParts(data []byte, begin, separator, end string) (head []byte, parts [][]byte, err error) {
	head, rest, ok := bytes.Cut(data, []byte(begin))
	body, tailed := bytes.CutSuffix(rest, []byte(end))
	if !ok || !tailed {
		return nil, nil, fmt.Errorf("no %q … %q", begin, end)
	}
	return head, bytes.Split(body, []byte(separator)), nil
}

// joinParts is the inverse of splitParts, but reverses the order of the parts.
func joinParts(b *bytes.Buffer, begin, separator, end string, parts int, part func(i int) []byte) {
	b.WriteString(begin)
	for i := range parts {
		if i > 0 {
			b.WriteString(separator)
		}
		b.Write(part(parts - 1 - i))
	}
	b.WriteString(end)
}
