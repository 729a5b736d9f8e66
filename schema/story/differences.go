package story

import (
	"cmp"
	"maps"
	"slices"

	"netsync/schema"
)

// A Difference is a changed value, described in words.
type Difference struct {
	Pointer string // RFC 6901, of the field in the published record
	Label   string // "Member count"
	Old     string // "10"; "" if there was none
	New     string // "11"; "" if there is none now
}

// Differences returns the differences between two published forms of a record,
// in the order of the fields for readers. Every leaf that differs is in exactly
// one Difference, whose Old and New differ; records with the same digest have
// none. Long texts are complete: see Shorten.
//
// The zero Record stands for no record: then every value of the other one is a
// difference, except empty ones, such as a list without items.
func (d Describer) Differences(before, after schema.Record) []Difference {
	if before.Digest == after.Digest {
		return nil
	}
	old, now := valueOf(before), valueOf(after)
	w := comparer{
		Describer:  d,
		collection: cmp.Or(after.ID.Collection, before.ID.Collection),
		exact:      old.isSet && now.isSet,
	}
	w.compareFields("", old, now)
	return w.out
}

// A comparer collects differences.
type comparer struct {
	Describer
	collection schema.Collection
	exact      bool // two records are compared, not one with none
	out        []Difference
}

// compareFields compares two objects by field, and other values as a whole.
func (c *comparer) compareFields(pointer string, before, after value, but ...string) {
	if !before.isObject() || !after.isObject() {
		c.add(field{pointer: pointer, en: "Record", nl: "Record"}, "", before, after)
		return
	}
	for _, key := range c.sortedKeys(pointer, before, after) {
		if slices.Contains(but, key) {
			continue
		}
		f, _ := fieldAt(c.collection, pointer+"/"+escapeToken(key))
		c.compareField(f, before.valueAt(key), after.valueAt(key))
	}
}

// sortedKeys returns the keys of both objects in the order for readers, then
// unknown keys by name.
func (c *comparer) sortedKeys(pointer string, before, after value) []string {
	keys := make(map[string]int)
	for _, v := range []value{before, after} {
		for key := range v.asObject() {
			_, keys[key] = fieldAt(c.collection, pointer+"/"+escapeToken(key))
		}
	}
	return slices.SortedFunc(maps.Keys(keys), func(a, b string) int {
		return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b))
	})
}

// compareField compares one field. If its parts show no difference, as between
// an empty object and none, it adds one for the whole field.
func (c *comparer) compareField(f field, before, after value) {
	if before.isEqual(after) {
		return
	}
	found := len(c.out)
	if before.isObject() && after.isObject() {
		c.compareParts(f, before, after)
	}
	if len(c.out) == found {
		c.add(f, "", before, after)
	}
}

func (c *comparer) compareParts(f field, before, after value) {
	switch f.format {
	case text:
		c.compareLanguages(f, before, after)
	case object:
		c.compareFields(f.pointer, before, after)
	case count:
		number, _ := fieldAt(c.collection, f.pointer+"/count")
		c.compareField(number, before.pickKeys("count", "approximate"), after.pickKeys("count", "approximate"))
		c.compareFields(f.pointer, before, after, "count", "approximate")
	case image:
		c.compareImages(f, before.pickKeys(imageKeys...), after.pickKeys(imageKeys...))
		c.compareFields(f.pointer, before, after, imageKeys...)
	}
}

// compareLanguages compares a text by language: the describer's own first, then
// the dataset's, then any others.
func (c *comparer) compareLanguages(f field, before, after value) {
	tags := slices.Concat([]string{c.languageTag()}, c.manifestOrEmpty().Languages, c.sortedKeys(f.pointer, before, after))
	seen := make(map[string]bool)
	for _, tag := range tags {
		if old, now := before.valueAt(tag), after.valueAt(tag); !seen[tag] && !old.isEqual(now) {
			c.add(field{pointer: f.pointer + "/" + escapeToken(tag), en: f.en, nl: f.nl}, tag, old, now)
		}
		seen[tag] = true
	}
}

// add adds a difference in the plainest words that show it.
func (c *comparer) add(f field, language string, before, after value) {
	if f.format == link || f.format == standing {
		before, after = removeCommon(before, after)
	}
	for _, words := range []func(field, value) string{c.describeValue, plainText, canonicalText} {
		old, now := words(f, before), words(f, after)
		if old != now {
			c.out = append(c.out, Difference{f.pointer, c.fieldLabel(f, language), old, now})
			return
		}
		if !c.exact && old == "" {
			return
		}
	}
}

func (c *comparer) fieldLabel(f field, language string) string {
	label := f.en
	if c.isDutch() {
		label = f.nl
	}
	if language != "" && language != c.languageTag() {
		label += " (" + language + ")"
	}
	return label
}
