// Package words has the fixed words of every channel, one file a language: labels,
// terms of the format, months.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

//go:embed *.json
var files embed.FS

// fallback is the language of words that a language lacks.
const fallback = "en"

// Files returns the files of words, en.json and one for each other language.
func Files() fs.FS { return files }

// A Language has the words of one language by key. Words with a % are formats of
// package fmt.
type Language struct {
	Tag   string // BCP 47
	Words map[string]string
}

// Code returns the word for one of the format's own terms: Code("kind",
// "alliance"). It returns "" for an unknown term.
func (l Language) Code(family, term string) string { return l.Words[family+"."+term] }

// Decode fills a struct with the words whose keys begin with a prefix, such as
// "digest.": a field AllChanges gets the word "digest.allChanges", and a struct
// in it those below its name.
func (l Language) Decode(prefix string, to any) error {
	tree := make(map[string]any)
	for key, word := range l.Words {
		path, ok := strings.CutPrefix(key, prefix)
		if !ok {
			continue
		}
		names, branch := strings.Split(path, "."), tree
		for _, name := range names[:len(names)-1] {
			below, ok := branch[name].(map[string]any)
			if !ok {
				below = make(map[string]any)
				branch[name] = below
			}
			branch = below
		}
		branch[names[len(names)-1]] = word
	}
	data, err := json.Marshal(tree)
	if err == nil {
		err = json.Unmarshal(data, to)
	}
	if err != nil {
		return fmt.Errorf("words %s*: %w", prefix, err)
	}
	return nil
}

// MustDecode is Decode of the built-in words, which a test of each caller reads.
func MustDecode[T any](tag, prefix string) (to T) {
	if err := In(tag).Decode(prefix, &to); err != nil {
		panic(err)
	}
	return to
}

// Languages are the words by language. English is always among them.
type Languages map[string]Language

// Load reads the words of all languages. The caller may change them, as a theme
// of the website does.
func Load() (Languages, error) {
	all := make(Languages)
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		data, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		l := Language{Tag: strings.TrimSuffix(e.Name(), ".json")}
		if err := json.Unmarshal(data, &l.Words); err != nil {
			return nil, fmt.Errorf("embedded words %s: %w", e.Name(), err)
		}
		all[l.Tag] = l
	}
	return all, nil
}

// In returns the words of a language, or of the one that it is a variety of;
// English if there are none.
func (all Languages) In(tag string) Language {
	if l, ok := all[tag]; ok {
		return l
	}
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if l, ok := all[base]; ok {
		l.Tag = tag // a variety of it needs no mark
		return l
	}
	return all[fallback]
}

var builtIn = sync.OnceValue(func() Languages {
	all, err := Load()
	if err != nil {
		panic(err) // the files are embedded, and a test reads them
	}
	return all
})

// In returns the words of a language as Languages.In does. They are shared and
// must not be changed.
func In(tag string) Language { return builtIn().In(tag) }

// Direction returns the direction in which a language is written, "ltr" or "rtl",
// by its script (ISO 15924).
func Direction(tag string) string {
	script, _ := language.Make(tag).Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg":
		return "rtl"
	}
	return "ltr"
}
