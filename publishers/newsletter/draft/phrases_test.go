package draft

import (
	"reflect"
	"testing"
)

func TestEveryPhraseIsThere(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"en", "nl"} {
		p := PhrasesIn(tag)
		for _, key := range sectionKeys() {
			if p.Section[key] == "" {
				t.Errorf("%s: the section %s has no title", tag, key)
			}
		}
		v := reflect.ValueOf(p)
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.String && f.String() == "" {
				t.Errorf("%s: %s has no text", tag, v.Type().Field(i).Name)
			}
		}
		for month, name := range p.months {
			if name == "" {
				t.Errorf("%s: month %d has no name", tag, month+1)
			}
		}
	}
}
