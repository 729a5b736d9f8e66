package shared

import "fmt"

// Plural returns a number with an English word whose plural has an s: "1 change",
// "2 changes".
func Plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
