package words_test

import (
	"maps"
	"slices"
	"testing"

	"netsync/schema/words"
)

func TestEveryLanguageHasTheSameWords(t *testing.T) {
	t.Parallel()
	all, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	english := slices.Sorted(maps.Keys(all["en"].Words))
	for tag, l := range all {
		if keys := slices.Sorted(maps.Keys(l.Words)); !slices.Equal(keys, english) {
			t.Errorf("the words of %s have the keys\n%q, the English\n%q", tag, keys, english)
		}
	}
}

func TestAVarietyHasTheWordsOfItsLanguage(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{"nl": "Wijzigingen", "nl-BE": "Wijzigingen", "NL": "Wijzigingen", "en-GB": "Changes", "ar": "Changes", "": "Changes"} {
		if got := words.In(tag).Words["changes"]; got != want {
			t.Errorf("%q says %q; want %q", tag, got, want)
		}
	}
	if l := words.In("ar"); l.Tag != "en" || l.Code("kind", "government") != "Government body" || l.Code("kind", "none") != "" {
		t.Errorf("the words for Arabic are of %q", l.Tag)
	}
}

func TestDirectionIsThatOfTheScript(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"en": "ltr", "nl-BE": "ltr", "ar": "rtl", "he": "rtl", "fa": "rtl", "ug": "rtl", "sd": "rtl", "ckb": "rtl", "dv": "rtl",
		"ku": "ltr", "az-Arab": "rtl", "pa-PK": "rtl", "ur-Latn": "ltr", "": "ltr",
	} {
		if got := words.Direction(tag); got != want {
			t.Errorf("%q is written %s; want %s", tag, got, want)
		}
	}
}
