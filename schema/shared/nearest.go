package shared

import (
	"strings"
	"unicode/utf8"
)

// Nearest returns the candidate that a mistyped word most likely stands for, "" if
// none is near: at most a third of its letters differ, or slips of them in a short
// word. Capitals do not matter. Of equals, the first wins.
func Nearest(word string, candidates []string, slips int) string {
	length := utf8.RuneCountInString(word)
	best, limit := "", max(slips, length/3)+1
	for _, candidate := range candidates {
		// Words are at least as far apart as their lengths are: a word of
		// 250 KiB is not compared letter by letter.
		if n := utf8.RuneCountInString(candidate); max(length-n, n-length) >= limit {
			continue
		}
		if d := distance([]rune(strings.ToLower(word)), []rune(strings.ToLower(candidate))); d < limit {
			best, limit = candidate, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment).
func distance(a, b []rune) int {
	width := len(b) + 1
	rows := make([]int, 3*width)
	before, last, row := rows[:width], rows[width:2*width], rows[2*width:]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
