package story

import (
	"cmp"
	"maps"
	"slices"

	"netsync/schema"
)

// A Difference is one value that changed, in words.
type Difference struct {
	Pointer string // RFC 6901, of the field in the published record
	Label   string // "Member count"
	Old     string // "10"; "" where there was none
	New     string // "11"; "" where there is none now
}

// Differences returns what differs between two published forms of a record,
// in the order in which a reader meets the fields. Every leaf that differs is
// in exactly one Difference, whose Old and New are never the same; records
// with the same digest have none. Long texts are whole: see Shorten.
//
// The zero Record stands for none: then everything that the other one says is
// a difference, and what is empty, such as a list without items, says nothing.
func (d Describer) Differences(before, after schema.Record) []Difference {
	if before.Digest == after.Digest {
		return nil
	}
	old, now := valueOf(before), valueOf(after)
	w := walker{
		Describer:  d,
		collection: cmp.Or(after.ID.Collection, before.ID.Collection),
		exact:      old.there && now.there,
	}
	w.fields("", old, now)
	return w.out
}

// A walker gathers differences.
type walker struct {
	Describer
	collection schema.Collection
	exact      bool // two forms are compared, not one with none
	out        []Difference
}

// fields compares two objects field by field, and their wholes where the one
// is not an object.
func (w *walker) fields(pointer string, before, after value, but ...string) {
	if !before.isObject() || !after.isObject() {
		w.add(field{pointer: pointer, en: "Record", nl: "Record"}, "", before, after)
		return
	}
	for _, key := range w.order(pointer, before, after) {
		if slices.Contains(but, key) {
			continue
		}
		f, _ := fieldAt(w.collection, pointer+"/"+escape(key))
		w.field(f, before.at(key), after.at(key))
	}
}

// order returns the keys of both objects in reading order; those that are
// nowhere in it come last, by name.
func (w *walker) order(pointer string, before, after value) []string {
	keys := make(map[string]int)
	for _, v := range []value{before, after} {
		for key := range v.object() {
			_, keys[key] = fieldAt(w.collection, pointer+"/"+escape(key))
		}
	}
	return slices.SortedFunc(maps.Keys(keys), func(a, b string) int {
		return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b))
	})
}

// field compares one field. Where its parts do not tell the difference, such
// as between an empty object and none, the field as a whole does.
func (w *walker) field(f field, before, after value) {
	if before.same(after) {
		return
	}
	found := len(w.out)
	if before.isObject() && after.isObject() {
		w.parts(f, before, after)
	}
	if len(w.out) == found {
		w.add(f, "", before, after)
	}
}

func (w *walker) parts(f field, before, after value) {
	switch f.format {
	case text:
		w.languages(f, before, after)
	case object:
		w.fields(f.pointer, before, after)
	case count:
		number, _ := fieldAt(w.collection, f.pointer+"/count")
		w.field(number, before.pick("count", "approximate"), after.pick("count", "approximate"))
		w.fields(f.pointer, before, after, "count", "approximate")
	case picture:
		w.picture(f, before.pick(imageKeys...), after.pick(imageKeys...))
		w.fields(f.pointer, before, after, imageKeys...)
	}
}

// languages compares a text language by language: the describer's own first,
// then the dataset's, then any others.
func (w *walker) languages(f field, before, after value) {
	tags := slices.Concat([]string{w.language()}, w.manifest().Languages, w.order(f.pointer, before, after))
	seen := make(map[string]bool)
	for _, tag := range tags {
		if old, now := before.at(tag), after.at(tag); !seen[tag] && !old.same(now) {
			w.add(field{pointer: f.pointer + "/" + escape(tag), en: f.en, nl: f.nl}, tag, old, now)
		}
		seen[tag] = true
	}
}

// add notes a difference in the friendliest words that show it.
func (w *walker) add(f field, language string, before, after value) {
	if f.format == link || f.format == standing {
		before, after = unlike(before, after)
	}
	for _, words := range []func(field, value) string{w.words, plainWords, canonicalWords} {
		old, now := words(f, before), words(f, after)
		if old != now {
			w.out = append(w.out, Difference{f.pointer, w.label(f, language), old, now})
			return
		}
		if !w.exact && old == "" {
			return
		}
	}
}

func (w *walker) label(f field, language string) string {
	label := f.en
	if w.isDutch() {
		label = f.nl
	}
	if language != "" && language != w.language() {
		label += " (" + language + ")"
	}
	return label
}
