package ops

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Span formats a duration in the one unit that a person would use: "12 s", "3
// min", "5 h", "2 d".
func Span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(d, 0)/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d d", d/(24*time.Hour))
}

// Ago formats the time from t to now: "12 s ago", "just now", "never".
func Ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return "never"
	case d < time.Second:
		return "just now"
	default:
		return Span(d) + " ago"
	}
}

// In formats the time from now to t: "in 12 s", "now".
func In(t, now time.Time) string {
	if d := t.Sub(now); d >= time.Second {
		return "in " + Span(d)
	}
	return "now"
}

// toSentence returns a clause that begins with an ASCII letter or digit as a
// sentence.
func toSentence(clause string) string {
	return strings.ToUpper(clause[:1]) + clause[1:] + "."
}

// formatNumber groups digits as in English: "12,345".
func formatNumber[N ~int | ~uint64](n N) string {
	digits := strconv.FormatUint(uint64(n), 10)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// formatCount returns a number with its word: "1 record", "2,000 records".
func formatCount[N ~int | ~uint64](n N, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return formatNumber(n) + " " + word + "s"
}

// shortenID shortens a commit, or that of a changeset's id, to fit a phone's
// screen.
func shortenID(id string) string {
	commit, seq, ok := strings.Cut(id, "@")
	commit = commit[:min(10, len(commit))]
	if !ok {
		return commit
	}
	return commit + "@" + seq
}
