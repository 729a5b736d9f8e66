package feed

import (
	"strings"

	"netsync/schema"
)

// words are the feed's own words in a language.
type words struct {
	Title       string // %s is what the feed is about
	Description string // %s is what the feed is about
	Major       string // the title of what matters most; %s is the dataset's title
	Begins      string // the first item of a feed that has no other; %s is the dataset's title
	Collections map[schema.Collection]string
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
			Major:       "%s: belangrijke wijzigingen",
			Begins:      "Vanaf nu zijn hier de wijzigingen te volgen in %s",
			Collections: map[schema.Collection]string{schema.Networks: "Netwerken", schema.Organizations: "Organisaties", schema.Activities: "Activiteiten"},
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
		Major:       "%s: important changes",
		Begins:      "Changes in %s can be followed here from now on",
		Collections: map[schema.Collection]string{schema.Networks: "Networks", schema.Organizations: "Organizations", schema.Activities: "Activities"},
		What:        "What",
		Old:         "Old",
		New:         "New",
		Commits:     "Commits",
		More:        "and %d more",
	}
}
