package webtest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"netsync/schema"
	"netsync/schema/testkit/corpora"
)

// attacks set window.xss in a page that does not escape them: in text, quoted
// and unquoted attributes, scripts, styles, comments, JSON-LD, CommonMark,
// addresses and templates.
var attacks = []string{
	`<script>window.xss=1</script>`,
	`</script><script>window.xss=2</script>`,
	`"><script>window.xss=3</script>`,
	`'><img src=x onerror=window.xss=4>`,
	`" onfocus="window.xss=5" autofocus="`,
	`' onmouseover='window.xss=6' x='`,
	`</title><script>window.xss=7</script>`,
	`</style><script>window.xss=8</script>`,
	`--><script>window.xss=9</script><!--`,
	`]]><script>window.xss=10</script><![CDATA[`,
	`<svg onload=window.xss=11>`,
	`<iframe srcdoc="<script>parent.xss=12</script>">`,
	`<a href="javascript:window.xss=13" autofocus onfocus=click()>x</a>`,
	`[x](javascript:window.xss=14) ![x](x"onerror="window.xss=15)`,
	`<https://example.org/"onmouseover="window.xss=16">`,
	`"}</script><script>window.xss=17</script>{"`,
	`{{"<script>window.xss=18</script>"}} ${window.xss=19} {{.}} {% raw %}`,
	"`-window.xss=20-`",
	`';window.xss=21//`,
	`&lt;script&gt;window.xss=22&lt;/script&gt;`,
	`<meta http-equiv="refresh" content="0; url=javascript:window.xss=23">`,
	`<base href="https://evil.example/"><link rel=stylesheet href=//evil.example/x.css>`,
	`<form action=https://evil.example/><button autofocus>x</button>`,
	`<img src="https://evil.example/x.png" srcset="https://evil.example/y.png 2x">`,
	`<template shadowrootmode=open><script>window.xss=24</script></template>`,
	`<math><mtext><table><mglyph><style><!--</style><img src=x onerror=window.xss=25>`,
	`<noscript><p title="</noscript><img src=x onerror=window.xss=26>">`,
	`<textarea></textarea><img src=x onerror=window.xss=27>`,
	"<details open ontoggle=window.xss=28>\n\n<script>window.xss=29</script>\n\n",
}

// NaughtyStrings returns the strings of a public list that a record may
// contain, and attacks.
func NaughtyStrings(t testing.TB) []string {
	t.Helper()
	all := append([]string(nil), attacks...)
	for _, s := range corpora.NaughtyStrings(t) {
		if isPublishable(s) {
			all = append(all, s)
		}
	}
	return all
}

// isPublishable reports whether a text passes validation, which refuses blank
// texts and the characters of rule NS019: control characters except line feed
// and tab, direction overrides, and line separators that only some programs
// recognize.
func isPublishable(s string) bool {
	return utf8.ValidString(s) && strings.TrimSpace(s) != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' ||
			r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x2028 || r == 0x2029
	})
}

// A Naughty dataset has a naughty string in every text that a person can
// write. The strings of the two languages are half a list apart, so half as
// many records as strings show every string in every field.
type Naughty struct{ strings []string }

// NewNaughty returns a dataset of strings.
func NewNaughty(strings []string) Naughty { return Naughty{strings} }

// Half returns how many records or manifests show every string in every field.
func (n Naughty) Half() int { return (len(n.strings) + 1) / 2 }

// stringAt returns string i, modulo their number.
func (n Naughty) stringAt(i int) string { return n.strings[i%len(n.strings)] }

// textAt returns a text with strings in both languages.
func (n Naughty) textAt(i int) map[string]any {
	return map[string]any{"en": n.stringAt(i), "nl": n.stringAt(i + n.Half())}
}

// shortString returns the next string of at most limit bytes.
func (n Naughty) shortString(i, limit int) string {
	for ; ; i++ {
		if s := n.stringAt(i); len(s) <= limit {
			return s
		}
	}
}

// addressAt returns an address with a string, escaped only if needed.
func (n Naughty) addressAt(i int) string {
	s := n.stringAt(i)
	raw := "https://example.org/?q=" + s
	if u, err := url.Parse(raw); err == nil && u.Host == "example.org" && len(raw) < 2048 &&
		!strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || r == '\\' }) {
		return raw
	}
	return "https://example.org/" + url.PathEscape(n.shortString(i, 600))
}

func (n Naughty) linksAt(i int) []any {
	return []any{
		map[string]any{"rel": "homepage", "url": n.addressAt(i), "title": n.textAt(i + 1)},
		map[string]any{"rel": "news", "url": n.addressAt(i + 2)},
	}
}

// Manifest returns the i-th manifest. Each has other strings.
func (n Naughty) Manifest(i int) map[string]any {
	label := func(count int, name string) map[string]any {
		terms := make(map[string]any)
		for k := range count {
			terms[fmt.Sprintf("%s-%d", name, k)] = n.textAt(i + k)
		}
		return terms
	}
	terms := n.Half()
	return map[string]any{
		"schema": "netsync/v1", "id": "naughty", "languages": []any{"en", "nl"}, "time_zone": "UTC",
		"institution": "organization-0",
		"title":       n.textAt(i), "intro": n.textAt(i + 1), "homepage": n.addressAt(i + 2), "license": n.shortString(i+3, 200),
		"sections": map[string]any{
			"key":    map[string]any{"title": n.textAt(i + 4), "lead": n.textAt(i + 5)},
			"member": map[string]any{"title": n.textAt(i + 6), "lead": n.textAt(i + 7)},
		},
		"vocabularies": map[string]any{
			"purposes": map[string]any{"advocacy": n.textAt(i + 8), "collaboration": n.textAt(i + 9), "knowledge-sharing": n.textAt(i + 10)},
			"regions":  label(terms, "region"),
			"topics":   label(terms, "topic"),
		},
		"x-note": n.stringAt(i + 11),
	}
}

// ID returns the id of the i-th record of a collection.
func (n Naughty) ID(c schema.Collection, i int) schema.RecordID {
	kind := map[schema.Collection]string{schema.Networks: "network", schema.Organizations: "organization", schema.Activities: "activity"}[c]
	return schema.RecordID{Collection: c, ID: fmt.Sprintf("%s-%d", kind, i)}
}

// Record returns the i-th record of a collection. It refers only to records
// with the same or a lower number.
func (n Naughty) Record(c schema.Collection, i int) map[string]any {
	value := map[string]any{
		"id": n.ID(c, i).ID, "name": n.textAt(i), "acronym": n.shortString(i+3, 40), "summary": n.textAt(i + 5), "description": n.textAt(i + 7),
		"links": n.linksAt(i + 11), "x-note": n.stringAt(i + 13), "x-list": []any{n.stringAt(i + 14), map[string]any{"x": n.stringAt(i + 15)}},
	}
	terms := n.Half()
	region, topic := fmt.Sprintf("region-%d", i%terms), fmt.Sprintf("topic-%d", (i+1)%terms)
	switch c {
	case schema.Networks:
		value["tier"], value["kind"], value["purposes"] = []string{"key", "member"}[i%2], "alliance", []any{"advocacy", "collaboration"}
		value["membership"] = map[string]any{"role": "member", "since": "1999", "until": []string{"2099", "2001", "2099"}[i%3]}
		value["audience"] = n.textAt(i + 17)
		value["standing"] = []any{map[string]any{"with": "organization-0", "status": n.textAt(i + 19)}}
		value["partners"] = []any{fmt.Sprintf("organization-%d", i)}
		value["regions"], value["topics"] = []any{region}, []any{topic}
	case schema.Organizations:
		value["kind"], value["city"], value["country"] = "university", n.textAt(i+21), "NL"
	case schema.Activities:
		value["kind"], value["network"] = "hub", fmt.Sprintf("network-%d", i)
		value["place"] = map[string]any{"city": n.textAt(i + 23), "country": "NL"}
		value["partners"] = []any{fmt.Sprintf("organization-%d", i)}
		value["regions"], value["topics"] = []any{region}, []any{topic}
	}
	return value
}

// expectedTexts returns the texts that must each be the whole text of an
// element on a record's page, with white space collapsed. A link whose title
// is invisible is named by its kind instead.
func (n Naughty) expectedTexts(c schema.Collection, i int, language string) []string {
	offsets := map[schema.Collection][]int{
		schema.Networks:      {5, 17, 19}, // summary, audience, standing
		schema.Organizations: {5, 21},     // summary, city
		schema.Activities:    {5, 23},
	}
	var all []string
	for _, offset := range offsets[c] {
		all = append(all, n.textAt(i + offset)[language].(string))
	}
	if title := n.textAt(i + 12)[language].(string); strings.Trim(title, invisibleRunes) != "" {
		all = append(all, title)
	}
	return all
}

// invisibleRunes are the invisible characters of the strings.
const invisibleRunes = " \t\n\v\f\r\u0085\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a" +
	"\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
