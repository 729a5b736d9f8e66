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

// describeValue returns a value in words.
func (d Describer) describeValue(f field, v value) string {
	switch item := v.json.(type) {
	case string:
		return d.describeString(f, item)
	case []any:
		return d.describeList(f, item)
	case map[string]any:
		return d.describeObject(f, v)
	}
	return plainText(f, v)
}

func (d Describer) describeString(f field, s string) string {
	switch f.format {
	case date:
		return d.dateText(s)
	case code:
		return cmp.Or(words.In(d.languageTag()).Code(f.of, s), s)
	case term:
		return d.termLabel(f.of, s)
	case refer:
		return d.Reference(schema.RecordID{Collection: schema.Collection(f.of), ID: s})
	}
	return s
}

func (d Describer) describeList(f field, items []any) string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = d.describeValue(f, value{item, true})
	}
	if f.format == link || f.format == standing {
		return strings.Join(words, "; ") // commas are likely inside
	}
	return strings.Join(words, ", ")
}

func (d Describer) describeObject(f field, v value) string {
	switch f.format {
	case number:
		return d.numberText(v)
	case link:
		return d.linkText(v)
	case standing:
		with := d.describeValue(field{format: refer, of: string(schema.Organizations)}, v.valueAt("with"))
		return with + ": " + d.textOf(v.valueAt("status"))
	case text:
		return d.textOf(v)
	}
	return plainText(f, v)
}

func (d Describer) numberText(v value) string {
	n := plainText(field{}, v.valueAt("count"))
	if v.valueAt("approximate").json != true {
		return n
	}
	return strings.TrimSpace(d.formatPhrase("about", n))
}

// linkText returns the title and the URL of a link.
func (d Describer) linkText(v value) string {
	title, url := d.textOf(v.valueAt("title")), plainText(field{}, v.valueAt("url"))
	if title == "" {
		return url
	}
	return title + " (" + url + ")"
}

// textOf returns a text of the published form in the language.
func (d Describer) textOf(v value) string {
	t := make(schema.Text)
	for tag, s := range v.asObject() {
		if s, ok := s.(string); ok {
			t[tag] = s
		}
	}
	if len(t) == 0 {
		return plainText(field{}, v)
	}
	return d.Text(t)
}

// plainText returns a value without the syntax of JSON.
func plainText(f field, v value) string {
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
			words[i] = plainText(f, value{item[i], true})
		}
		return strings.Join(words, ", ")
	case map[string]any:
		words := make([]string, 0, len(item))
		for _, key := range slices.Sorted(maps.Keys(item)) {
			words = append(words, key+": "+plainText(f, v.valueAt(key)))
		}
		return strings.Join(words, ", ")
	}
	return fmt.Sprint(v.json)
}

// canonicalText returns a value as canonical JSON, which differs for values
// that look the same in words: an empty list and none, the number 1 and the
// string.
func canonicalText(_ field, v value) string { return string(v.canonicalJSON()) }
