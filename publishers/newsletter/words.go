package newsletter

import (
	"fmt"
	"strings"
	"time"
)

// words are the newsletter's own words in a language.
type words struct {
	titles map[string]string // of sections, by key
	months [12]string

	// Of the subject.
	none, fresh, gone     string
	change, changes       string
	others, and           string
	on, fromTo            string // the period
	Nothing               string // of an empty digest
	Was, Now, NoValue     string
	MoreFields, MoreItems string // %d of them
	AllChanges, Why       string // %s is the dataset's title
	WhyLinks              string // of a subscriber; %s as in Why
	ChangeLabel           string
	LeaveLabel            string
	SentBefore, NoneYet   string
	DayLabel              string
	Digests, AllDigests   string
	About                 string // the archive; %s is the dataset's title
	Here, Follow          string
}

// wordsIn returns the words of a language; the English ones where it has none.
func wordsIn(language string) words {
	if primary, _, _ := strings.Cut(language, "-"); strings.EqualFold(primary, "nl") {
		return dutch()
	}
	return english()
}

func english() words {
	return words{
		titles: map[string]string{
			sectionBulk:        "Changed in bulk",
			sectionNew:         "New networks and activities",
			sectionMemberships: "Memberships",
			sectionKey:         "Key networks",
			sectionOther:       "Other changes",
			sectionRemoved:     "Removed",
		},
		months: [12]string{"January", "February", "March", "April", "May", "June", "July",
			"August", "September", "October", "November", "December"},
		none: "no changes", fresh: "new: %s", gone: "removed: %s",
		change: "1 change to %s", changes: "%d changes to %s",
		others: "%d more", and: " and ",
		on: "Changes of %s", fromTo: "Changes from %s to %s",
		Nothing: "Nothing has changed since the last digest. An empty digest is not sent.",
		Was:     "Was", Now: "Now", NoValue: "none",
		MoreFields: "and %d more changes", MoreItems: "%d more changes are on the website.",
		AllChanges: "All changes", Why: "You get this mail because your address is on the list of %s. Answer it to be taken off the list.",
		WhyLinks: "You get this mail because you subscribed to the digest of %s.", ChangeLabel: "Change what you get", LeaveLabel: "Unsubscribe",
		SentBefore: "Digests that were sent", NoneYet: "No digest was sent yet.",
		DayLabel: "Sent on", Digests: "Digests", AllDigests: "All digests",
		About: "What changed in %s, as it was sent by mail.",
		Here:  "You are here", Follow: "Follow",
	}
}

func dutch() words {
	return words{
		titles: map[string]string{
			sectionBulk:        "In één keer gewijzigd",
			sectionNew:         "Nieuwe netwerken en activiteiten",
			sectionMemberships: "Lidmaatschappen",
			sectionKey:         "Kernnetwerken",
			sectionOther:       "Overige wijzigingen",
			sectionRemoved:     "Verwijderd",
		},
		months: [12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli",
			"augustus", "september", "oktober", "november", "december"},
		none: "geen wijzigingen", fresh: "nieuw: %s", gone: "verwijderd: %s",
		change: "1 wijziging in %s", changes: "%d wijzigingen in %s",
		others: "nog %d", and: " en ",
		on: "Wijzigingen van %s", fromTo: "Wijzigingen van %s tot en met %s",
		Nothing: "Er is niets gewijzigd sinds de vorige nieuwsbrief. Een lege nieuwsbrief wordt niet verstuurd.",
		Was:     "Was", Now: "Nu", NoValue: "geen",
		MoreFields: "en nog %d wijzigingen", MoreItems: "Nog %d wijzigingen staan op de website.",
		AllChanges: "Alle wijzigingen", Why: "U krijgt dit bericht omdat uw adres op de lijst van %s staat. Antwoord erop om van de lijst gehaald te worden.",
		WhyLinks: "U krijgt dit bericht omdat u de nieuwsbrief van %s ontvangt.", ChangeLabel: "Voorkeuren wijzigen", LeaveLabel: "Uitschrijven",
		SentBefore: "Verstuurde nieuwsbrieven", NoneYet: "Er is nog geen nieuwsbrief verstuurd.",
		DayLabel: "Verstuurd op", Digests: "Nieuwsbrieven", AllDigests: "Alle nieuwsbrieven",
		About: "Wat er in %s is veranderd, zoals het per mail is verstuurd.",
		Here:  "U bent hier", Follow: "Volgen",
	}
}

// period words the days between two times, in UTC: the same on every machine.
func (w words) period(from, to time.Time) string {
	first, last := w.day(from), w.day(to)
	if first == last {
		return fmt.Sprintf(w.on, first)
	}
	return fmt.Sprintf(w.fromTo, first, last)
}

func (w words) day(t time.Time) string {
	t = t.UTC()
	return fmt.Sprintf("%d %s %d", t.Day(), w.months[t.Month()-1], t.Year())
}

// direction is the direction in which a language is written.
func direction(language string) string {
	switch primary, _, _ := strings.Cut(strings.ToLower(language), "-"); primary {
	case "ar", "dv", "fa", "he", "ps", "ur", "yi":
		return "rtl"
	}
	return "ltr"
}

// side is where lines begin that are written in a direction.
func side(direction string) string {
	if direction == "rtl" {
		return "right"
	}
	return "left"
}
