package signup

import (
	"reflect"
	"testing"
)

func TestEveryPhraseIsThere(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"en", "nl"} {
		p := reflect.ValueOf(phrasesIn(tag))
		for i := range p.NumField() {
			for n, text := range textsOf(p.Field(i)) {
				if text == "" {
					t.Errorf("%s: %s has no text %d", tag, p.Type().Field(i).Name, n)
				}
			}
		}
	}
	if !hasPhrases("nl-BE") || !hasPhrases("EN") || hasPhrases("fr") || hasPhrases("") {
		t.Error("there are phrases in Dutch and English, and in no other language")
	}
}

func textsOf(v reflect.Value) []string {
	if v.Kind() == reflect.String {
		return []string{v.String()}
	}
	n := v.Interface().(notice)
	return []string{n.Title, n.Text}
}
