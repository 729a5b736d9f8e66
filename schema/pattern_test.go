package schema

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// patternsOf gathers the patterns of the schema files.
func patternsOf(node any, found map[string]bool) {
	switch node := node.(type) {
	case map[string]any:
		if pattern, ok := node["pattern"].(string); ok {
			found[pattern] = true
		}
		if patterns, ok := node["patternProperties"].(map[string]any); ok {
			for pattern := range patterns {
				found[pattern] = true
			}
		}
		for _, value := range node {
			patternsOf(value, found)
		}
	case []any:
		for _, value := range node {
			patternsOf(value, found)
		}
	}
}

func patternsOfFiles() []string {
	found := make(map[string]bool)
	for _, doc := range documents() {
		patternsOf(doc, found)
	}
	return slices.Sorted(maps.Keys(found))
}

// TestMostPatternsAreMatchedByHand fails when somebody changes a pattern in a
// schema file and its matcher stays behind, and when there is a new one.
func TestMostPatternsAreMatchedByHand(t *testing.T) {
	t.Parallel()
	var slow []string
	for _, pattern := range patternsOfFiles() {
		if matcherByHand(pattern) == nil {
			slow = append(slow, pattern)
		}
	}
	rare := []string{
		`^[0-9]{4} ?[0-9]{4} ?[0-9]{4} ?[0-9]{3}[0-9X]$`,
		`^assets(/[^./\\][^/\\]*)+\.(svg|png|webp|jpg)$`,
		`^grid\.[0-9]+\.[0-9a-f]+$`,
		`^sha256:[0-9a-f]{64}$`, // of published records, which nobody writes
	}
	if !slices.Equal(slow, rare) {
		t.Errorf("matched by regular expressions: %q, want %q; either follow in matcherByHand or add to this list what few records have", slow, rare)
	}
}

// nearMisses makes strings that match a pattern, nearly match it, or are made
// of what the patterns are about.
func nearMisses(pattern string) *rapid.Generator[string] {
	matching := rapid.StringMatching(pattern)
	pieces := rapid.SampledFrom([]string{
		"", " ", "\t", "\n", "\v", "\f", "\r", "\u00a0", "\u2028", "\x00", "\xff", "é", "-", "--", "X", "XX", "x", "a", "Z", "0", "9", "/", "..", ".", "?", "~", "%",
		"x-", "X-", "http", "https", "://", "-06", "-XX", "19", "1987", "en", "-NL", "-Latn", "-419", "-1996", "-x", "-u", "-abcde", "-abcdefghi", "ab", "Q", "Q1", "i", "l", "o", "u", "b", "z",
	})
	return rapid.Custom(func(t *rapid.T) string {
		s := ""
		if rapid.Bool().Draw(t, "begin with a match") {
			s = matching.Draw(t, "match")
		}
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			from := rapid.IntRange(0, len(s)).Draw(t, "from")
			to := rapid.IntRange(from, min(len(s), from+2)).Draw(t, "to")
			s = s[:from] + pieces.Draw(t, "piece") + s[to:]
		}
		return s
	})
}

func TestMatchersAgreeWithRegularExpressions(t *testing.T) {
	t.Parallel()
	for _, pattern := range patternsOfFiles() {
		matches, re, inputs := matcher(pattern), regexp.MustCompile(pattern), nearMisses(pattern)
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			var yes, no int
			rapid.Check(t, func(t *rapid.T) {
				for range 100 {
					s := inputs.Draw(t, "s")
					want := re.MatchString(s)
					if matches(s) != want {
						t.Fatalf("%q: got %v, want %v", s, !want, want)
					}
					if want {
						yes++
					} else {
						no++
					}
				}
			})
			if yes < (yes+no)/20 || no < (yes+no)/100 {
				t.Errorf("%d strings matched and %d did not: too few of one", yes, no)
			}
		})
	}
}

func FuzzMatchersAgreeWithRegularExpressions(f *testing.F) {
	for _, s := range []string{
		"", " \t", "\u00a0", "una-europa", "-a", "a--b", "a-", "x-own", "https://a", "http:/", "NL", "NL\n", "en", "pt-BR", "zh-Hant-TW", "sl-rozaj-1994-biske",
		"de-419-u-co-phonebk-x-a", "en-x", "en-a", "1987", "199X", "19XX", "19X7", "2024-06", "2024-XX-01?", "1987/..", "/", "../..", "1987//", "1987~%",
	} {
		f.Add(s)
	}
	type pair struct {
		matches func(string) bool
		re      *regexp.Regexp
	}
	var pairs []pair
	for _, pattern := range patternsOfFiles() {
		pairs = append(pairs, pair{matcher(pattern), regexp.MustCompile(pattern)})
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range pairs {
			if want := p.re.MatchString(s); p.matches(s) != want {
				t.Errorf("%q against %s: got %v, want %v", s, p.re, !want, want)
			}
		}
	})
}
