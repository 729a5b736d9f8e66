package feed

import "strings"

// words are the feed's own words in a language.
type words struct {
	Title       string // %s is the dataset's title
	Description string // %s is the dataset's title
	What        string
	Old, New    string
	Commits     string
	More        string // %d further ones
}

// wordsIn returns the words of a language; the English ones where it has none.
func wordsIn(language string) words {
	if primary, _, _ := strings.Cut(language, "-"); strings.EqualFold(primary, "nl") {
		return words{
			Title:       "%s: wijzigingen",
			Description: "Wat er gewijzigd is in %s, het nieuwste eerst",
			What:        "Wat",
			Old:         "Oud",
			New:         "Nieuw",
			Commits:     "Commits",
			More:        "en nog %d",
		}
	}
	return words{
		Title:       "%s: changes",
		Description: "What changed in %s, the newest first",
		What:        "What",
		Old:         "Old",
		New:         "New",
		Commits:     "Commits",
		More:        "and %d more",
	}
}
