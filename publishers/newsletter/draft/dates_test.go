package draft

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDatesStayOnOneLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                   "",
		"none":                               "none",
		"2026-11-24":                         "[2026-11-24]",
		"from 2026-01-01 to 2026-11-24.":     "from [2026-01-01] to [2026-11-24].",
		"12026-11-24, 2026-11 and 2026-11-2": "12026-11-24, 2026-11 and 2026-11-2",
	} {
		var b strings.Builder
		for _, p := range splitDates(text) {
			if p.Whole {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		if b.String() != want {
			t.Errorf("%q: %q, want %q", text, b.String(), want)
		}
	}
}

func TestDatesLoseNothingOfAText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`([a-z0-9 -]*\d{4}-\d{2}-\d{2}){0,3}.*`)).Draw(t, "text")
		var b strings.Builder
		for _, p := range splitDates(text) {
			b.WriteString(p.Text)
		}
		if b.String() != text {
			t.Errorf("%q", b.String())
		}
	})
}

func TestANoteIsIndentedWhereItsLinesBegin(t *testing.T) {
	t.Parallel()
	for direction, want := range map[string]string{"ltr": "padding-left:20px;", "rtl": "padding-right:20px;"} {
		if got := string(mailedNote("- on 2026-11-24", startSide(direction))); !strings.Contains(got, want) || !strings.Contains(got, ">2026-11-24</span>") {
			t.Errorf("%s: %s", direction, got)
		}
	}
}
