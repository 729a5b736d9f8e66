package story

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"netsync/schema"
	"netsync/schema/words"
)

// words returns a value as a reader would say it.
func (d Describer) words(f field, v value) string {
	switch item := v.json.(type) {
	case string:
		return d.stringWords(f, item)
	case []any:
		return d.listWords(f, item)
	case map[string]any:
		return d.objectWords(f, v)
	}
	return plainWords(f, v)
}

func (d Describer) stringWords(f field, s string) string {
	switch f.format {
	case date:
		return d.date(s)
	case code:
		return cmp.Or(words.In(d.language()).Code(f.of, s), s)
	case term:
		return d.term(f.of, s)
	case refer:
		return d.Reference(schema.RecordID{Collection: schema.Collection(f.of), ID: s})
	}
	return s
}

func (d Describer) listWords(f field, items []any) string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = d.words(f, value{item, true})
	}
	if f.format == link || f.format == standing {
		return strings.Join(words, "; ") // commas are likely inside
	}
	return strings.Join(words, ", ")
}

func (d Describer) objectWords(f field, v value) string {
	switch f.format {
	case number:
		return d.number(v)
	case link:
		return d.link(v)
	case standing:
		with := d.words(field{format: refer, of: string(schema.Organizations)}, v.at("with"))
		return with + ": " + d.textOf(v.at("status"))
	case text:
		return d.textOf(v)
	}
	return plainWords(f, v)
}

func (d Describer) number(v value) string {
	n := plainWords(field{}, v.at("count"))
	if v.at("approximate").json != true {
		return n
	}
	return strings.TrimSpace(d.phrasef("about", n))
}

// link shows the title and the address: a reader must see where it leads.
func (d Describer) link(v value) string {
	title, url := d.textOf(v.at("title")), plainWords(field{}, v.at("url"))
	if title == "" {
		return url
	}
	return title + " (" + url + ")"
}

// textOf picks the language out of a text of the published form.
func (d Describer) textOf(v value) string {
	t := make(schema.Text)
	for tag, s := range v.object() {
		if s, ok := s.(string); ok {
			t[tag] = s
		}
	}
	if len(t) == 0 {
		return plainWords(field{}, v)
	}
	return d.Text(t)
}

// plainWords shows a value as it is, without the marks of JSON.
func plainWords(f field, v value) string {
	switch item := v.json.(type) {
	case nil:
		return ""
	case string:
		return item
	case json.Number:
		return item.String()
	case []any:
		words := make([]string, len(item))
		for i := range item {
			words[i] = plainWords(f, value{item[i], true})
		}
		return strings.Join(words, ", ")
	case map[string]any:
		words := make([]string, 0, len(item))
		for _, key := range slices.Sorted(maps.Keys(item)) {
			words = append(words, key+": "+plainWords(f, v.at(key)))
		}
		return strings.Join(words, ", ")
	}
	return fmt.Sprint(v.json)
}

// canonicalWords tells apart what looks the same in words: an empty list and
// none, the number 1 and the string.
func canonicalWords(_ field, v value) string { return string(v.canonical()) }
