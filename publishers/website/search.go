package website

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"netsync/schema"
)

// The index of the search page is a script, not JSON, since a page that was
// opened from a folder may load scripts and nothing else.
//
// A few records lie in one file. Beyond, there is a file for each beginning of
// a word: search/un.js has the records with a word that begins with "un". Where
// those are too many, the file has only some of them, and there is a file for
// each longer beginning, search/una.js. A word of one letter has a file with
// those that have this very word.
const minPrefix = 2

func (i *issue) oneIndex() bool { return len(i.catalog.cards) <= i.limits.oneIndex }

func (i *issue) planSearch(all *plan, due *due) {
	if due.everything {
		all.add("search/terms.js", i.termIndex)
	}
	if i.oneIndex() {
		if due.everything || len(due.words) > 0 {
			all.add("search/all.js", i.wholeIndex)
		}
		return
	}
	nodes := due.words
	if due.everything {
		nodes = i.catalog.words.nodes(i.limits.node)
	}
	for prefix := range nodes {
		name := "search/" + nodeName(prefix) + ".js"
		if !i.catalog.words.has(prefix, i.limits.node) {
			all.drop(name)
			continue
		}
		all.add(name, func() ([]byte, error) { return i.indexNode(prefix) })
	}
}

// searched notes what a record that came, went or changed means for the index.
func (d *due) searched(c *catalog, before, after *card) {
	if before.entry() == after.entry() {
		return
	}
	split := make(map[string]bool)
	words := append(before.tokens(), after.tokens()...)
	for _, word := range words {
		for prefix := range prefixes(word) {
			d.words[prefix] = true
			split[prefix] = c.words.count(prefix) > c.limits.node
		}
	}
	c.words.remove(before)
	c.words.insert(after)
	for prefix, was := range split {
		// Files for longer beginnings come or go, of words that did not
		// change.
		if (c.words.count(prefix) > c.limits.node) != was {
			d.everything = true
		}
	}
}

// entry is what the index says of a record:
// [collection, id, name, acronym, status].
func (c *card) entry() string {
	if c == nil {
		return ""
	}
	data, err := json.Marshal([]any{rank(c), c.id.ID, oneName(c.name), c.acronym, c.status})
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return string(data)
}

// oneName is a name, where all languages have the same.
func oneName(t schema.Text) any {
	var first string
	for _, name := range t {
		first = name
		break
	}
	for _, name := range t {
		if name != first {
			return t
		}
	}
	return first
}

// tokens are the words by which a record is found, once each.
func (c *card) tokens() []string {
	if c == nil {
		return nil
	}
	words := fold(c.acronym + " " + c.id.ID)
	for _, name := range c.name {
		words = append(words, fold(name)...)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// fold takes a text apart into words without case and accents, as the page's
// script does.
func fold(s string) []string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.M, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
	return strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// prefixes are the beginnings of a word that may have files, shortest first.
func prefixes(word string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		n := 0
		for at, r := range word {
			if n++; n >= minPrefix {
				if !yield(word[:at+len(string(r))]) {
					return
				}
			}
		}
		if n > 0 && n < minPrefix {
			yield(word)
		}
	}
}

// nodeName makes a beginning of a word a file name: letters other than a to z
// become their number.
func nodeName(prefix string) string {
	var b strings.Builder
	for _, r := range prefix {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "_%x_", r)
		}
	}
	return b.String()
}

func (i *issue) wholeIndex() ([]byte, error) {
	cards := make([]*card, 0, len(i.catalog.cards))
	for _, c := range schema.Collections() {
		cards = append(cards, i.catalog.lists[string(c)]...)
	}
	slices.SortFunc(cards, byName)
	return index("", false, cards), nil
}

func (i *issue) indexNode(prefix string) ([]byte, error) {
	cards, others := i.catalog.words.find(prefix)
	slices.SortFunc(cards, byName)
	more := i.catalog.words.count(prefix) > i.limits.node
	if !more || len(cards) < i.limits.some {
		slices.SortFunc(others, byName)
		cards = append(cards, others...)
	}
	if more {
		cards = cards[:min(len(cards), i.limits.some)]
	}
	return index(prefix, more, cards), nil
}

func index(prefix string, more bool, cards []*card) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "netsyncIndex(%s,%t,[", quoted(prefix), more)
	for n, c := range cards {
		if n > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n" + c.entry())
	}
	b.WriteString("\n]);\n")
	return b.Bytes()
}

// termIndex lists the terms of all vocabularies, which have pages as well.
func (i *issue) termIndex() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("netsyncTerms([")
	first := true
	for _, vocabulary := range vocabularies {
		for _, term := range i.allTerms(vocabulary) {
			list := termList(vocabulary, term)
			if !i.hasPages(list) {
				continue
			}
			data, err := json.Marshal([]any{list, oneName(i.edition.Manifest.Vocabularies.Terms(vocabulary)[term])})
			if err != nil {
				return nil, fmt.Errorf("encode the index of terms: %w", err)
			}
			if !first {
				b.WriteString(",")
			}
			first = false
			b.WriteString("\n" + string(data))
		}
	}
	b.WriteString("\n]);\n")
	return b.Bytes(), nil
}

// A wordIndex says which records have which words.
type wordIndex []wordOf // sorted

type wordOf struct {
	word string
	card *card
}

func (a wordOf) compare(b wordOf) int {
	if order := strings.Compare(a.word, b.word); order != 0 {
		return order
	}
	return byName(a.card, b.card)
}

func newWordIndex(cards map[schema.RecordID]*card) wordIndex {
	var all wordIndex
	for _, c := range cards {
		for _, word := range c.tokens() {
			all = append(all, wordOf{word, c})
		}
	}
	slices.SortFunc(all, wordOf.compare)
	return all
}

func (w *wordIndex) insert(c *card) {
	for _, word := range c.tokens() {
		one := wordOf{word, c}
		at, _ := slices.BinarySearchFunc(*w, one, wordOf.compare)
		*w = slices.Insert(*w, at, one)
	}
}

func (w *wordIndex) remove(c *card) {
	for _, word := range c.tokens() {
		if at, ok := slices.BinarySearchFunc(*w, wordOf{word, c}, wordOf.compare); ok {
			*w = slices.Delete(*w, at, at+1)
		}
	}
}

// keyRange is where the words with a beginning stand; of one that is too short for
// a file of its own, where that very word stands.
func (w wordIndex) keyRange(prefix string) (from, to int) {
	short := utf8.RuneCountInString(prefix) < minPrefix
	from, _ = slices.BinarySearchFunc(w, prefix, func(one wordOf, p string) int { return strings.Compare(one.word, p) })
	to, _ = slices.BinarySearchFunc(w, prefix, func(one wordOf, p string) int {
		if one.word == p || (!short && strings.HasPrefix(one.word, p)) {
			return -1
		}
		return strings.Compare(one.word, p)
	})
	return from, to
}

func (w wordIndex) count(prefix string) int {
	from, to := w.keyRange(prefix)
	return to - from
}

// has says whether there is a file for a beginning: some record has it, and
// the file of the shorter one does not have them all.
func (w wordIndex) has(prefix string, most int) bool {
	if w.count(prefix) == 0 {
		return false
	}
	runes := []rune(prefix)
	return len(runes) <= minPrefix || w.count(string(runes[:len(runes)-1])) > most
}

// find returns the records that have a beginning of a word as a whole word, and
// others that have a word with it, each once.
func (w wordIndex) find(prefix string) (exact, others []*card) {
	from, to := w.keyRange(prefix)
	seen := make(map[*card]bool)
	for _, one := range w[from:to] { // the very word is the first of them
		switch {
		case seen[one.card]:
		case one.word == prefix:
			exact = append(exact, one.card)
		default:
			others = append(others, one.card)
		}
		seen[one.card] = true
	}
	return exact, others
}

// nodes are the beginnings that have files.
func (w wordIndex) nodes(most int) map[string]bool {
	all := make(map[string]bool)
	for at := range w {
		if at > 0 && w[at].word == w[at-1].word {
			continue
		}
		for prefix := range prefixes(w[at].word) {
			if all[prefix] {
				continue
			}
			if !w.has(prefix, most) {
				break
			}
			all[prefix] = true
		}
	}
	return all
}
