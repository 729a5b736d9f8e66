package schema

import (
	"regexp"
	"testing"
)

// FuzzParseEDTF checks that a date has the form in the schema files and does
// not end before it begins, and that other texts have no beginning or end.
func FuzzParseEDTF(f *testing.F) {
	for _, s := range []string{
		"1987", "199X", "19XX", "2024-06", "2024-21", "2024-24", "2024-06-30", "2024-02-29", "2023-02-29", "2024-XX", "2024-XX-XX", "2024-06-XX", "1987?", "1987~", "1987%",
		"1987/1990", "1987/..", "../1990", "/1990", "1990/1987", "/", "../..", "0000", "9999-12-31", "2024-13", "2024-6", "199X-06", "1987/199X/2000", "١٩٨٧", "1987\n",
	} {
		f.Add(s)
	}
	form := edtfForm(f)
	f.Fuzz(func(t *testing.T, s string) {
		span, err := ParseEDTF(s)
		switch {
		case err != nil && span != (Interval{}):
			t.Errorf("%q: %v and %v", s, span, err)
		case err != nil:
		case !form.MatchString(s):
			t.Errorf("%q is a date and does not have the form of one", s)
		case span == (Interval{}):
			t.Errorf("%q has neither a beginning nor an end", s)
		case !span.First.IsZero() && !span.Last.IsZero() && span.Last.Before(span.First):
			t.Errorf("%q ends before it begins: %v", s, span)
		}
	})
}

// edtfForm returns the pattern of dates in the schema files.
func edtfForm(t testing.TB) *regexp.Regexp {
	_, date := resolveReference("", "common.schema.json#/$defs/edtf")
	for _, alternative := range date.(map[string]any)["anyOf"].([]any) {
		if pattern, ok := alternative.(map[string]any)["pattern"].(string); ok {
			return regexp.MustCompile(pattern)
		}
	}
	t.Fatal("the schema files have no pattern for dates")
	return nil
}

// FuzzNames checks that a parsed day or record id is formatted as it was.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"2026-11-24", "2026-02-30", "networks/una-europa", "networks/", "x/y", "activities/a/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if day, err := ParseDay(s); err == nil && day.String() != s {
			t.Errorf("the day %q becomes %q", s, day)
		}
		if id, err := ParseRecordID(s); err == nil && (id.String() != s || !id.Valid()) {
			t.Errorf("the record %q becomes %q", s, id)
		}
	})
}
