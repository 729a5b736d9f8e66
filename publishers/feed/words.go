package feed

import (
	"strings"

	"netsync/schema"
)

// words holds the texts of the feeds in a language, other than those of story.
type words struct {
	Title       string // %s is the label of the feed
	Description string // %s is the label of the feed
	Major       string // the title of the feed of major changes; %s is the dataset's title
	Begins      string // the only item of a feed without changes; %s is the dataset's title
	Collections map[schema.Collection]string
	What        string
	Old, New    string
	Commits     string
	More        string // %d is the number of further commits
}

// wordsIn returns the texts in a language, or in English if it has none.
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
