package draft

import "regexp"

// A textPart is a part of a text.
type textPart struct {
	Text  string
	Whole bool // must not be broken
}

var datePattern = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)

// splitDates splits a text at its dates, so that they are not broken at the end
// of a line, as browsers do after a hyphen.
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
