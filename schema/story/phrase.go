package story

import (
	"cmp"
	"fmt"
	"strings"

	"netsync/schema"
	"netsync/schema/words"
)

func (d Describer) isDutch() bool {
	primary, _, _ := strings.Cut(d.languageTag(), "-")
	return strings.EqualFold(primary, "nl")
}

// formatPhrase returns a phrase with values.
func (d Describer) formatPhrase(key string, values ...any) string {
	return fmt.Sprintf(d.phraseFor(key), values...)
}

// collectionNoun returns the noun for a number of records of a collection; ""
// is any collection.
func (d Describer) collectionNoun(c schema.Collection, count int) string {
	return d.phraseFor("nouns." + cmp.Or(string(c), "record") + "." + pluralForm(count))
}

// pluralForm returns the CLDR plural category of a number, of which both
// languages have these two.
func pluralForm(n int) string {
	if n == 1 {
		return "one"
	}
	return "other"
}

// phraseFor returns a phrase by its key, or "" for an unknown key. Each %s
// stands for a value, in the order of the language.
func (d Describer) phraseFor(key string) string { return words.In(d.languageTag()).Words["event."+key] }
