package story

import (
	"cmp"
	"fmt"
	"strings"

	"netsync/schema"
	"netsync/schema/words"
)

func (d Describer) isDutch() bool {
	primary, _, _ := strings.Cut(d.language(), "-")
	return strings.EqualFold(primary, "nl")
}

// phrasef returns a fixed text with values in it.
func (d Describer) phrasef(key string, values ...any) string {
	return fmt.Sprintf(d.phrase(key), values...)
}

// noun returns the word for some records of a collection, "" for any.
func (d Describer) noun(c schema.Collection, count int) string {
	return d.phrase("nouns." + cmp.Or(string(c), "record") + "." + pluralForm(count))
}

// pluralForm returns the plural form of a number as Unicode CLDR names it: both
// languages have these two.
func pluralForm(n int) string {
	if n == 1 {
		return "one"
	}
	return "other"
}

// phrase returns a fixed text by its key. Each %s in it is filled in the order
// in which the words of the language want it. "" is an unknown key.
func (d Describer) phrase(key string) string { return words.In(d.language()).Words["event."+key] }
