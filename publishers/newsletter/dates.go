package newsletter

import "regexp"

// A textPart is part of a text.
type textPart struct {
	Text  string
	Whole bool // it stays on one line
}

var datePattern = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)

// splitDates takes a text apart, so that no date of it is broken at the end of a
// line: browsers may do so behind a hyphen.
func splitDates(text string) (pieces []textPart) {
	end := 0
	for _, at := range datePattern.FindAllStringIndex(text, -1) {
		if at[0] > end {
			pieces = append(pieces, textPart{Text: text[end:at[0]]})
		}
		pieces = append(pieces, textPart{text[at[0]:at[1]], true})
		end = at[1]
	}
	if end < len(text) {
		pieces = append(pieces, textPart{Text: text[end:]})
	}
	return pieces
}
