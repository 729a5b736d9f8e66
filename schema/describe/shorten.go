package describe

import "strings"

// Shorten puts a text on one line and cuts it to at most limit characters, at
// the end of a word where one ends nearby. What was cut is marked by "…".
func Shorten(s string, limit int) string {
	s = strings.Join(strings.Fields(s), " ")
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	cut := string(runes[:max(limit-1, 0)])
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)*3/4 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,;:") + "…"
}
