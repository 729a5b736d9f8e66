package markup

import (
	"html"
	"strings"
	"unicode"
)

// simpleHTML is the HTML of a text of which it surely can be told without a
// parser: paragraphs and lists with a blank line between them, in which there is
// nothing but plain text, *emphasis*, and [links](https://example.org/). Of
// other texts ok is false, whatever they are.
func simpleHTML(source string) (fragment string, ok bool) {
	var b strings.Builder
	b.Grow(len(source) + len(source)/4 + 64) // for a few tags
	afterList := false
	for block := range strings.SplitSeq(strings.TrimRight(source, " \n"), "\n\n") {
		isList := strings.HasPrefix(block, listMark)
		if isList && (afterList || !simpleList(&b, block)) || !isList && !simpleParagraph(&b, block) {
			return "", false
		}
		afterList = isList // with another one behind it, it would be one
	}
	return b.String(), true
}

const listMark = "- "

func simpleParagraph(b *strings.Builder, block string) bool {
	before := "<p>"
	for line := range strings.SplitSeq(block, "\n") {
		b.WriteString(before)
		if !simpleLine(b, line) {
			return false
		}
		before = "\n"
	}
	b.WriteString("</p>\n")
	return true
}

func simpleList(b *strings.Builder, block string) bool {
	b.WriteString("<ul>\n")
	for line := range strings.SplitSeq(block, "\n") {
		item, ok := strings.CutPrefix(line, listMark)
		b.WriteString("<li>")
		if !ok || !simpleLine(b, item) {
			return false
		}
		b.WriteString("</li>\n")
	}
	b.WriteString("</ul>\n")
	return true
}

// simpleLine writes a line that is no block of another kind. A space at its end
// is dropped; two of them are a break.
func simpleLine(b *strings.Builder, line string) bool {
	line = strings.TrimSuffix(line, " ")
	if beginsBlock(line) {
		return false
	}
	last := ' '
	for line != "" {
		var ok bool
		begins := last == ' ' || last == '('
		switch line[0] {
		case '*':
			line, ok = simpleEmphasis(b, line)
			last, ok = '*', ok && begins
		case '[':
			line, ok = simpleLink(b, line)
			last, ok = ']', ok && begins
		default:
			end := strings.IndexAny(line, "*[")
			if end < 0 {
				end = len(line)
			}
			last, ok = plainRun(line[:end], last)
			b.WriteString(html.EscapeString(line[:end])) // of quotation marks
			line = line[end:]
		}
		if !ok {
			return false
		}
	}
	return last != ' '
}

// simpleEmphasis writes what a line begins with, and gives the rest.
func simpleEmphasis(b *strings.Builder, line string) (rest string, ok bool) {
	mark, tag := "*", "em>"
	if strings.HasPrefix(line, "**") {
		mark, tag = "**", "strong>"
	}
	text, rest, ok := strings.Cut(line[len(mark):], mark)
	ends := rest == "" || strings.ContainsRune(" ,.;:?!)", rune(rest[0]))
	b.WriteString("<" + tag + text + "</" + tag)
	return rest, ok && ends && areWords(text)
}

func simpleLink(b *strings.Builder, line string) (rest string, ok bool) {
	text, rest, ok := strings.Cut(line[1:], "](")
	address, rest, closed := strings.Cut(rest, ")")
	tag := `a href="` + address + `"`
	b.WriteString("<" + tag + ">" + text + "</a>")
	return rest, ok && closed && areWords(text) && isSimpleLink(tag)
}

// areWords says of a text that it is words with a space between them.
func areWords(s string) bool {
	last := ' '
	for _, r := range s {
		if !unicode.IsLetter(r) && (r != ' ' || last == ' ') {
			return false
		}
		last = r
	}
	return last != ' '
}
