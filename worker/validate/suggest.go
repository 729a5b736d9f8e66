package validate

// nearest returns the candidate that a mistyped word most likely stands for;
// "" where none is near. Of equals, the first wins.
func nearest(word string, candidates []string) string {
	best, limit := "", furthest(word)+1
	for _, candidate := range candidates {
		if d := distance([]rune(word), []rune(candidate)); d < limit {
			best, limit = candidate, d
		}
	}
	return best
}

// furthest is how many slips a mistyped word may have.
func furthest(word string) int { return max(1, len([]rune(word))/3) }

// similarLength reports whether two words can be near at all.
func similarLength(a, b string) bool {
	d := len(a) - len(b)
	return max(d, -d) <= 2*furthest(b)
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment).
func distance(a, b []rune) int {
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
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
		before, last = last, row
	}
	return last[len(b)]
}
