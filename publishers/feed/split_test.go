package feed

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

// FuzzSplit splits feeds that were joined of arbitrary texts, and data that is
// no feed.
func FuzzSplit(f *testing.F) {
	f.Add("Una Europa", "Member count: 10 → 11", uint8(3), []byte(""))
	f.Add(jsonSeparator, jsonBegin+jsonEnd, uint8(1), []byte(jsonBegin+jsonEnd))
	f.Add(atomSeparator, "</entry>\n"+atomEnd, uint8(2), []byte(atomBegin+atomSeparator+atomEnd))
	f.Add("]]>", "\x00\xff", uint8(9), []byte("{"+jsonBegin+"}"+jsonEnd))
	f.Fuzz(func(t *testing.T, title, text string, count uint8, other []byte) {
		_, _, _ = splitJSON(other) // must end
		_, _ = splitAtom(other)
		o := header{Title: title, Description: text, Name: title, base: "https://example.org", path: "feed", Updated: time.Unix(0, 0)}
		var items []renderedItem
		for n := range count%8 + 1 {
			i := item{ID: text, URL: title, Title: text, Summary: title, HTML: text, Text: title, Authors: []string{title}, Tags: []string{text}, Published: time.Unix(int64(n), 0)}
			json, err := encodeJSONItem("en", i)
			if err != nil {
				t.Skip() // not a text
			}
			atom, err := encodeAtomEntry(i)
			if err != nil {
				t.Skip()
			}
			items = append(items, renderedItem{json, atom})
		}
		same := func(format string, got [][]byte, err error, want func(renderedItem) []byte) {
			t.Helper()
			slices.Reverse(got) // the newest comes first
			if err != nil || !slices.EqualFunc(got, items, func(g []byte, f renderedItem) bool { return bytes.Equal(g, want(f)) }) {
				t.Errorf("%s: put together of %q, taken apart into %q, %v", format, items, got, err)
			}
		}
		data, err := writeJSON(o, items)
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := splitJSON(data)
		same("JSON", got, err, func(f renderedItem) []byte { return f.json })
		if data, err = writeAtom(o, items); err != nil {
			t.Fatal(err)
		}
		got, err = splitAtom(data)
		same("Atom", got, err, func(f renderedItem) []byte { return f.atom })
	})
}
