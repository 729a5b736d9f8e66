package newsletter

import "regexp"

// A piece is part of a text.
type piece struct {
	Text  string
	Whole bool // it stays on one line
}

var day = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)

// dates takes a text apart, so that no date of it is broken at the end of a
// line: browsers may do so behind a hyphen.
func dates(text string) (pieces []piece) {
	end := 0
	for _, at := range day.FindAllStringIndex(text, -1) {
		if at[0] > end {
			pieces = append(pieces, piece{Text: text[end:at[0]]})
		}
		pieces = append(pieces, piece{text[at[0]:at[1]], true})
		end = at[1]
	}
	if end < len(text) {
		pieces = append(pieces, piece{Text: text[end:]})
	}
	return pieces
}
