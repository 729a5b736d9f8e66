package describe

import "strings"

// phrases are the fixed words of a language. Each %s is filled in the order
// in which the words of the language want it.
type phrases struct {
	added, removed, restored string // %s is the record's name
	replaced                 string // the name, and that of what replaces it
	again                    string // the record's name
	of                       string // "<label> of <name>: <old> → <new>"
	changes                  string // "<name>: <number> changes (<labels>)"
	more, moreOne            string // behind a sentence: number and labels; label
	none                     string // where there is no value
	newImage                 string // the name of a file that holds another image than before
	membership               map[string]string
	about                    string // an approximate number
	decade, century          string
	and                      string
	nothing                  string
	nouns                    map[string][2]string // by collection: one, several
	verbs                    map[string][2]string // by operation: one, several
	codes                    map[string]string    // by family and code
}

func (d Describer) isDutch() bool {
	primary, _, _ := strings.Cut(d.language(), "-")
	return strings.EqualFold(primary, "nl")
}

func (d Describer) phrases() *phrases {
	if d.isDutch() {
		return &dutch
	}
	return &english
}

// english and dutch are read only.
var english = phrases{
	added:    "%s was added",
	removed:  "%s was removed",
	restored: "%s is listed again",
	replaced: "%s was removed (replaced by %s)",
	again:    "%s was published again",
	of:       "%s of %s: %s → %s",
	changes:  "%s: %d changes (%s)",
	more:     "; %d more changes (%s)",
	moreOne:  "; 1 more change (%s)",
	none:     "none",
	newImage: "%s (a new image)",
	membership: map[string]string{
		"current":  "Membership of %s started",
		"former":   "Membership of %s ended",
		"upcoming": "Membership of %s is yet to start",
	},
	about:   "about %s",
	decade:  "%ss",
	century: "between %s and %s",
	and:     " and ",
	nothing: "Nothing changed",
	nouns: map[string][2]string{
		"networks":      {"network", "networks"},
		"organizations": {"organization", "organizations"},
		"activities":    {"activity", "activities"},
		"":              {"record", "records"},
	},
	verbs: map[string][2]string{
		"created":  {"was added", "were added"},
		"updated":  {"was changed", "were changed"},
		"removed":  {"was removed", "were removed"},
		"restored": {"is listed again", "are listed again"},
	},
	codes: map[string]string{
		"tier key":                "Key network",
		"tier member":             "Other network",
		"kind alliance":           "Alliance",
		"kind association":        "Association",
		"kind consortium":         "Consortium",
		"kind programme":          "Programme",
		"kind university":         "University",
		"kind company":            "Company",
		"kind government":         "Government",
		"kind nonprofit":          "Non-profit",
		"kind intergovernmental":  "Intergovernmental organization",
		"kind research-institute": "Research institute",
		"kind other":              "Other",
		"kind hub":                "Hub",
		"kind project":            "Project",
		"kind fund":               "Fund",
		"kind school":             "School",
		"kind event":              "Event",
		"role member":             "Member",
		"role founding-member":    "Founding member",
		"role associate":          "Associate",
		"role coordinator":        "Coordinator",
		"membership upcoming":     "Upcoming",
		"membership current":      "Current",
		"membership former":       "Former",
		"status planned":          "Planned",
		"status active":           "Active",
		"status ended":            "Ended",
	},
}

var dutch = phrases{
	added:    "%s is toegevoegd",
	removed:  "%s is verwijderd",
	restored: "%s is weer opgenomen",
	replaced: "%s is verwijderd (vervangen door %s)",
	again:    "%s is opnieuw gepubliceerd",
	of:       "%s van %s: %s → %s",
	changes:  "%s: %d wijzigingen (%s)",
	more:     "; nog %d wijzigingen (%s)",
	moreOne:  "; nog 1 wijziging (%s)",
	none:     "geen",
	newImage: "%s (een nieuwe afbeelding)",
	membership: map[string]string{
		"current":  "Het lidmaatschap van %s is begonnen",
		"former":   "Het lidmaatschap van %s is beëindigd",
		"upcoming": "Het lidmaatschap van %s moet nog beginnen",
	},
	about:   "ongeveer %s",
	decade:  "jaren %s",
	century: "tussen %s en %s",
	and:     " en ",
	nothing: "Er is niets gewijzigd",
	nouns: map[string][2]string{
		"networks":      {"netwerk", "netwerken"},
		"organizations": {"organisatie", "organisaties"},
		"activities":    {"activiteit", "activiteiten"},
		"":              {"record", "records"},
	},
	verbs: map[string][2]string{
		"created":  {"is toegevoegd", "zijn toegevoegd"},
		"updated":  {"is gewijzigd", "zijn gewijzigd"},
		"removed":  {"is verwijderd", "zijn verwijderd"},
		"restored": {"is weer opgenomen", "zijn weer opgenomen"},
	},
	codes: map[string]string{
		"tier key":                "Kernnetwerk",
		"tier member":             "Ander netwerk",
		"kind alliance":           "Alliantie",
		"kind association":        "Vereniging",
		"kind consortium":         "Consortium",
		"kind programme":          "Programma",
		"kind university":         "Universiteit",
		"kind company":            "Bedrijf",
		"kind government":         "Overheid",
		"kind nonprofit":          "Non-profitorganisatie",
		"kind intergovernmental":  "Intergouvernementele organisatie",
		"kind research-institute": "Onderzoeksinstituut",
		"kind other":              "Overig",
		"kind hub":                "Hub",
		"kind project":            "Project",
		"kind fund":               "Fonds",
		"kind school":             "School",
		"kind event":              "Evenement",
		"role member":             "Lid",
		"role founding-member":    "Medeoprichter",
		"role associate":          "Geassocieerd lid",
		"role coordinator":        "Coördinator",
		"membership upcoming":     "Toekomstig",
		"membership current":      "Huidig",
		"membership former":       "Voormalig",
		"status planned":          "Gepland",
		"status active":           "Actief",
		"status ended":            "Beëindigd",
	},
}
