package github

import (
	"regexp"
	"strings"
	"unicode"
)

// zeroWidthSpace parts what GitHub would otherwise make a link of. It does so
// after the Markdown was read, where no backslash helps any more.
const zeroWidthSpace = "\u200B"

// Texts that GitHub makes links or pictures of, wherever they stand: mentions
// of people and teams, issues, addresses, names of emoji, commits.
var (
	linkers = regexp.MustCompile(`(?i)[@#:]|\bwww\.|\bGH-`)
	commits = regexp.MustCompile(`(?i)[0-9a-f]{7,}`)
	six     = regexp.MustCompile(`.{6}`)
)

// punctuation may mean something within a line of Markdown (GFM §2.4 lets a
// backslash take the meaning away). Bars would part the cells of a table even
// so, and for dollars, which begin mathematics, GitHub knows of no other way.
var punctuation = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `~`, `\~`,
	`&`, `&amp;`, `|`, `&#124;`, `$`, `<span>$</span>`,
)

// escapeMarkdown makes a text safe within a line of GitHub's Markdown: it is shown as
// it is, on one line, and brings no markup, link, mention, picture or
// reference along. It must not stand at the beginning of a line.
func escapeMarkdown(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	s = strings.Map(visibleRune, s)
	s = linkers.ReplaceAllString(s, "${0}"+zeroWidthSpace)
	s = strings.ReplaceAll(s, ":"+zeroWidthSpace+" ", ": ") // a colon that ends something
	s = commits.ReplaceAllStringFunc(s, func(id string) string { return six.ReplaceAllString(id, "${0}"+zeroWidthSpace) })
	return punctuation.Replace(s)
}

// visibleRune replaces what could hide text or turn it around.
func visibleRune(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
		return unicode.ReplacementChar
	}
	return r
}
