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

// The search index is a script, not JSON, since a page that was opened from a
// folder may load only scripts.
//
// A small index is one file. A larger one has a file for each prefix of a
// word: search/un.js lists the records with a word that begins with "un". If
// they are too many, the file lists some of them, and there is a file for each
// longer prefix, such as search/una.js. A word of one letter has a file with
// the records that have exactly this word.
const minPrefix = 2

func (b *build) hasOneIndex() bool { return len(b.catalog.cards) <= b.limits.indexFile }

func (b *build) planSearch(all *plan, stale *staleSet) {
	if stale.everything {
		all.add("search/terms.js", b.renderTermIndex)
	}
	if b.hasOneIndex() {
		if stale.everything || len(stale.words) > 0 {
			all.add("search/all.js", b.renderWholeIndex)
		}
		return
	}
	nodes := stale.words
	if stale.everything {
		nodes = b.catalog.words.filePrefixes(b.limits.indexPrefix)
	}
	for prefix := range nodes {
		name := "search/" + prefixFileName(prefix) + ".js"
		if !b.catalog.words.hasFile(prefix, b.limits.indexPrefix) {
			all.removeFile(name)
			continue
		}
		all.add(name, func() ([]byte, error) { return b.renderIndexNode(prefix) })
	}
}

// markSearchIndex updates the search index for a record that was added,
// removed or changed, and marks its stale files.
func (s *staleSet) markSearchIndex(c *catalog, before, after *card) {
	if before.searchEntry() == after.searchEntry() {
		return
	}
	split := make(map[string]bool)
	words := append(before.searchWords(), after.searchWords()...)
	for _, word := range words {
		for prefix := range wordPrefixes(word) {
			s.words[prefix] = true
			split[prefix] = c.words.countWords(prefix) > c.limits.indexPrefix
		}
	}
	c.words.remove(before)
	c.words.insert(after)
	for prefix, was := range split {
		// Files of longer prefixes come or go, also for unchanged words.
		if (c.words.countWords(prefix) > c.limits.indexPrefix) != was {
			s.everything = true
		}
	}
}

// searchEntry returns a record's entry in the index: [collection, id, name,
// acronym, status].
func (c *card) searchEntry() string {
	if c == nil {
		return ""
	}
	data, err := json.Marshal([]any{collectionRank(c), c.id.ID, commonName(c.name), c.acronym, c.status})
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return string(data)
}

// commonName returns a name as a string if it is the same in all languages,
// else as a map.
func commonName(t schema.Text) any {
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

// searchWords returns the distinct words by which a record is found.
func (c *card) searchWords() []string {
	if c == nil {
		return nil
	}
	words := foldWords(c.acronym + " " + c.id.ID)
	for _, name := range c.name {
		words = append(words, foldWords(name)...)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// foldWords splits a text into words without case and accents, as the search
// page's script does.
func foldWords(s string) []string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.M, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
	return strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// wordPrefixes iterates over the prefixes of a word that may have files,
// shortest first.
func wordPrefixes(word string) func(yield func(string) bool) {
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

// prefixFileName encodes a prefix as a file name: characters other than a to z
// and 0 to 9 become their code point.
func prefixFileName(prefix string) string {
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

func (b *build) renderWholeIndex() ([]byte, error) {
	cards := make([]*card, 0, len(b.catalog.cards))
	for _, c := range schema.Collections() {
		cards = append(cards, b.catalog.lists[string(c)]...)
	}
	slices.SortFunc(cards, byName)
	return encodeIndex("", false, cards), nil
}

func (b *build) renderIndexNode(prefix string) ([]byte, error) {
	cards, others := b.catalog.words.findCards(prefix)
	slices.SortFunc(cards, byName)
	more := b.catalog.words.countWords(prefix) > b.limits.indexPrefix
	if !more || len(cards) < b.limits.prefixSample {
		slices.SortFunc(others, byName)
		cards = append(cards, others...)
	}
	if more {
		cards = cards[:min(len(cards), b.limits.prefixSample)]
	}
	return encodeIndex(prefix, more, cards), nil
}

func encodeIndex(prefix string, more bool, cards []*card) []byte {
	var buf bytes.Buffer
	fmt.Fprintf(&buf, "netsyncIndex(%s,%t,[", quoteJSON(prefix), more)
	for n, c := range cards {
		if n > 0 {
			buf.WriteString(",")
		}
		buf.WriteString("\n" + c.searchEntry())
	}
	buf.WriteString("\n]);\n")
	return buf.Bytes()
}

// renderTermIndex lists the terms of all vocabularies that have pages.
func (b *build) renderTermIndex() ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteString("netsyncTerms([")
	first := true
	for _, vocabulary := range vocabularies {
		for _, term := range b.allTerms(vocabulary) {
			list := termList(vocabulary, term)
			if !b.hasPages(list) {
				continue
			}
			data, err := json.Marshal([]any{list, commonName(b.edition.Manifest.Vocabularies.Terms(vocabulary)[term])})
			if err != nil {
				return nil, fmt.Errorf("encode the index of terms: %w", err)
			}
			if !first {
				buf.WriteString(",")
			}
			first = false
			buf.WriteString("\n" + string(data))
		}
	}
	buf.WriteString("\n]);\n")
	return buf.Bytes(), nil
}

// A wordIndex maps words to records.
type wordIndex []indexedWord // sorted

type indexedWord struct {
	word string
	card *card
}

func (a indexedWord) compare(b indexedWord) int {
	if order := strings.Compare(a.word, b.word); order != 0 {
		return order
	}
	return byName(a.card, b.card)
}

func newWordIndex(cards map[schema.RecordID]*card) wordIndex {
	var all wordIndex
	for _, c := range cards {
		for _, word := range c.searchWords() {
			all = append(all, indexedWord{word, c})
		}
	}
	slices.SortFunc(all, indexedWord.compare)
	return all
}

func (w *wordIndex) insert(c *card) {
	for _, word := range c.searchWords() {
		one := indexedWord{word, c}
		at, _ := slices.BinarySearchFunc(*w, one, indexedWord.compare)
		*w = slices.Insert(*w, at, one)
	}
}

func (w *wordIndex) remove(c *card) {
	for _, word := range c.searchWords() {
		if at, ok := slices.BinarySearchFunc(*w, indexedWord{word, c}, indexedWord.compare); ok {
			*w = slices.Delete(*w, at, at+1)
		}
	}
}

// prefixRange returns the range of words with a prefix. A prefix shorter than
// minPrefix matches only the whole word.
func (w wordIndex) prefixRange(prefix string) (from, to int) {
	short := utf8.RuneCountInString(prefix) < minPrefix
	from, _ = slices.BinarySearchFunc(w, prefix, func(one indexedWord, p string) int { return strings.Compare(one.word, p) })
	to, _ = slices.BinarySearchFunc(w, prefix, func(one indexedWord, p string) int {
		if one.word == p || (!short && strings.HasPrefix(one.word, p)) {
			return -1
		}
		return strings.Compare(one.word, p)
	})
	return from, to
}

func (w wordIndex) countWords(prefix string) int {
	from, to := w.prefixRange(prefix)
	return to - from
}

// hasFile reports whether a prefix has a file: some word begins with it, and
// the file of the next shorter prefix does not list all records.
func (w wordIndex) hasFile(prefix string, most int) bool {
	if w.countWords(prefix) == 0 {
		return false
	}
	runes := []rune(prefix)
	return len(runes) <= minPrefix || w.countWords(string(runes[:len(runes)-1])) > most
}

// findCards returns the distinct records that have prefix as a word, and the others
// that have a word with it.
func (w wordIndex) findCards(prefix string) (exact, others []*card) {
	from, to := w.prefixRange(prefix)
	seen := make(map[*card]bool)
	for _, one := range w[from:to] { // the exact word comes first
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

// filePrefixes returns the prefixes that have files.
func (w wordIndex) filePrefixes(most int) map[string]bool {
	all := make(map[string]bool)
	for at := range w {
		if at > 0 && w[at].word == w[at-1].word {
			continue
		}
		for prefix := range wordPrefixes(w[at].word) {
			if all[prefix] {
				continue
			}
			if !w.hasFile(prefix, most) {
				break
			}
			all[prefix] = true
		}
	}
	return all
}
