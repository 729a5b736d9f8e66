package signup

import (
	"fmt"
	"strings"
)

// Words are those of the pages in a language.
type words struct {
	second, seconds, minute, minutes          string
	Skip, Languages, Website, Archive, Digest string // of every page; Digest is what it is without a title
	Error                                     string // before the title of a page with errors
	Wrong                                     string // over the list of them

	Title, Lead                         string // %s is the dataset's title
	Address, AddressHint                string
	Frequency, Weekly, Monthly          string
	WeeklyHint, MonthlyHint             string
	Language, Topics, TopicsHint        string
	Everything, Trap, Privacy, Submit   string
	NoAddress, BadAddress, BadFrequency string
	BadLanguage, BadTopic               string

	SentTitle, Sent, SentElse, Again string

	ConfirmTitle, ConfirmLead, Confirm, ConfirmElse string
	ConfirmedTitle, Confirmed                       string // %s is the address
	ChangePreferences, Leave                        string

	PreferencesTitle, PreferencesLead, Save, Saved, Suspended string

	LeaveTitle, LeaveLead, LeaveDo, LeaveElse string
	LeaveLeadEarlier                          string // without the address
	LeftTitle, Left, SubscribeAgain, ToForm   string

	forged, expired, renewed, closed, away, busy, full, nothing, trouble, large, method, unclear notice
}

// A notice is a page that says one thing.
type notice struct{ Title, Text string }

// hasWords reports whether pages can be in a language.
func hasWords(tag string) bool {
	p := primary(tag)
	return p == "en" || p == "nl"
}

func primary(tag string) string {
	p, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return p
}

// wordsIn returns the words of a language; the English ones where it has none.
func wordsIn(tag string) words {
	if primary(tag) == "nl" {
		return dutch()
	}
	return english()
}

func english() words {
	return words{
		second: "1 second", seconds: "%d seconds", minute: "1 minute", minutes: "%d minutes",
		Skip: "Skip to the content", Languages: "Languages", Website: "Website", Archive: "Digests so far", Digest: "Digest",
		Error: "Error", Wrong: "Something is not right yet",

		Title:   "Subscribe to the digest",
		Lead:    "What has changed in %s, grouped and readable, in your mailbox. When nothing has changed, no mail is sent.",
		Address: "Mail address", AddressHint: "Such as name@example.org. You get a mail with a link to confirm it.",
		Frequency: "How often",
		Weekly:    "Every digest", WeeklyHint: "Each one, when it comes out",
		Monthly: "Once a month", MonthlyHint: "The first digest of each month, with all changes since the last one",
		Language: "Language of the digest",
		Topics:   "Topics", TopicsHint: "Choose those that you want to read about. Choose none to read about everything.",
		Everything: "Everything", Trap: "Leave this empty",
		Privacy:      "Your address is used to send you this digest, and for nothing else. It is kept once you have confirmed it, passed on to nobody, and erased when you unsubscribe.",
		Submit:       "Subscribe",
		NoAddress:    "Enter your mail address",
		BadAddress:   "Enter a mail address such as name@example.org",
		BadFrequency: "Choose how often you want the digest",
		BadLanguage:  "Choose one of the languages",
		BadTopic:     "One of the topics is not there any more: look at the list again",

		SentTitle: "Look into your mailbox",
		Sent:      "A mail with a link is on its way to the address that you entered. Follow the link to confirm your subscription. It works for seven days.",
		SentElse:  "Is there no mail after a quarter of an hour? See whether it lies among the unwanted mail, or enter your address once more.",
		Again:     "Back to the form",

		ConfirmTitle: "Confirm your subscription",
		ConfirmLead:  "This is what you asked for. Nothing is sent to you before you confirm it.",
		Confirm:      "Confirm the subscription",
		ConfirmElse:  "You did not ask for it? Close this page: you get no digest, and your address is not kept.",

		ConfirmedTitle: "You are subscribed",
		Confirmed:      "The next digest goes to %s.",

		ChangePreferences: "Change your preferences", Leave: "Unsubscribe",

		PreferencesTitle: "Your preferences", PreferencesLead: "For the digest to %s",
		Save: "Save", Saved: "Saved. It holds from the next digest on.",
		Suspended: "Mail to this address came back, so no more is sent. Save your preferences to try again.",

		LeaveTitle:       "Unsubscribe from the digest",
		LeaveLead:        "Press the button, and no more digests go to %s. The address is erased.",
		LeaveLeadEarlier: "Press the button, and no more digests are sent to you. Your address is erased.",
		LeaveDo:          "Unsubscribe", LeaveElse: "Rather read less? Change your preferences",
		LeftTitle: "You are unsubscribed", Left: "No more digests are sent to you. Your address has been erased.",
		SubscribeAgain: "Subscribe again", ToForm: "Subscribe to the digest",

		forged:  notice{"This link does not work", "Perhaps only a part of it was copied. Open it from the mail once more, or copy all of it."},
		expired: notice{"This link no longer works", "A link to confirm a subscription works for seven days, and not after you have unsubscribed. Ask for a new one."},
		renewed: notice{"This link has been replaced", "Links in earlier mail can only unsubscribe. A mail with a new link is on its way to your address."},
		closed:  notice{"Nobody can subscribe here now", "No subscriptions are taken at the moment. Those who get the digest can still change what they get, and leave."},
		away:    notice{"You do not get the digest", "This address has been unsubscribed, and erased."},
		busy:    notice{"Too many requests", "A great many requests came from your network. Please try again in %s."},
		full:    notice{"No mail can be sent to you now", "So many people asked for the digest just now that no mail with a link can go to you. Please try again in %s."},
		nothing: notice{"There is no digest yet", "Nothing has been published yet. Please come back later."},
		trouble: notice{"This does not work at the moment", "It is not your fault. Please try again in a minute."},
		large:   notice{"That was too much", "What was sent is larger than the form can be."},
		method:  notice{"That cannot be done here", "This page can be read, and its form can be sent. Other requests are not answered."},
		unclear: notice{"Nothing has changed", "The request did not say that you want to unsubscribe. Press the button on the page that the link in the mail leads to."},
	}
}

func dutch() words {
	return words{
		second: "1 seconde", seconds: "%d seconden", minute: "1 minuut", minutes: "%d minuten",
		Skip: "Naar de inhoud", Languages: "Talen", Website: "Website", Archive: "Eerdere nieuwsbrieven", Digest: "Nieuwsbrief",
		Error: "Fout", Wrong: "Er klopt nog iets niet",

		Title:   "Inschrijven voor de nieuwsbrief",
		Lead:    "Wat er is gewijzigd in %s, overzichtelijk en leesbaar, in uw mailbox. Is er niets gewijzigd, dan komt er geen mail.",
		Address: "E-mailadres", AddressHint: "Bijvoorbeeld naam@example.org. U krijgt een mail met een link om het te bevestigen.",
		Frequency: "Hoe vaak",
		Weekly:    "Elke nieuwsbrief", WeeklyHint: "Elke keer dat hij verschijnt",
		Monthly: "Eens per maand", MonthlyHint: "De eerste nieuwsbrief van elke maand, met alle wijzigingen sinds de vorige",
		Language: "Taal van de nieuwsbrief",
		Topics:   "Onderwerpen", TopicsHint: "Kies waarover u wilt lezen. Kies niets om over alles te lezen.",
		Everything: "Alles", Trap: "Laat dit leeg",
		Privacy:      "Uw adres wordt alleen gebruikt om u deze nieuwsbrief te sturen. Het wordt bewaard zodra u het hebt bevestigd, aan niemand doorgegeven, en gewist wanneer u zich uitschrijft.",
		Submit:       "Inschrijven",
		NoAddress:    "Vul uw e-mailadres in",
		BadAddress:   "Vul een e-mailadres in zoals naam@example.org",
		BadFrequency: "Kies hoe vaak u de nieuwsbrief wilt ontvangen",
		BadLanguage:  "Kies een van de talen",
		BadTopic:     "Een van de onderwerpen is er niet meer: bekijk de lijst opnieuw",

		SentTitle: "Kijk in uw mailbox",
		Sent:      "Een mail met een link is onderweg naar het adres dat u hebt ingevuld. Volg de link om uw inschrijving te bevestigen. Hij werkt zeven dagen.",
		SentElse:  "Is er na een kwartier nog geen mail? Kijk of hij bij de ongewenste mail ligt, of vul uw adres nog eens in.",
		Again:     "Terug naar het formulier",

		ConfirmTitle: "Uw inschrijving bevestigen",
		ConfirmLead:  "Dit hebt u gevraagd. U ontvangt niets voordat u het bevestigt.",
		Confirm:      "Inschrijving bevestigen",
		ConfirmElse:  "Hebt u dit niet gevraagd? Sluit dan deze pagina: u krijgt geen nieuwsbrief en uw adres wordt niet bewaard.",

		ConfirmedTitle: "U bent ingeschreven",
		Confirmed:      "De volgende nieuwsbrief gaat naar %s.",

		ChangePreferences: "Voorkeuren wijzigen", Leave: "Uitschrijven",

		PreferencesTitle: "Uw voorkeuren", PreferencesLead: "Voor de nieuwsbrief aan %s",
		Save: "Opslaan", Saved: "Opgeslagen. Het geldt vanaf de volgende nieuwsbrief.",
		Suspended: "Mail aan dit adres kwam terug, daarom wordt er niets meer verstuurd. Sla uw voorkeuren op om het opnieuw te proberen.",

		LeaveTitle:       "Uitschrijven voor de nieuwsbrief",
		LeaveLead:        "Druk op de knop, dan gaan er geen nieuwsbrieven meer naar %s. Het adres wordt gewist.",
		LeaveLeadEarlier: "Druk op de knop, dan krijgt u geen nieuwsbrieven meer. Uw adres wordt gewist.",
		LeaveDo:          "Uitschrijven", LeaveElse: "Liever minder lezen? Wijzig uw voorkeuren",
		LeftTitle: "U bent uitgeschreven", Left: "U krijgt geen nieuwsbrieven meer. Uw adres is gewist.",
		SubscribeAgain: "Opnieuw inschrijven", ToForm: "Inschrijven voor de nieuwsbrief",

		forged:  notice{"Deze link werkt niet", "Misschien is er maar een deel van gekopieerd. Open hem nog eens vanuit de mail, of kopieer hem helemaal."},
		expired: notice{"Deze link werkt niet meer", "Een link om een inschrijving te bevestigen werkt zeven dagen, en niet meer nadat u zich hebt uitgeschreven. Vraag een nieuwe aan."},
		renewed: notice{"Deze link is vervangen", "Met links in eerdere mail kunt u zich alleen nog uitschrijven. Een mail met een nieuwe link is onderweg naar uw adres."},
		closed:  notice{"Inschrijven kan hier nu niet", "Er worden op dit moment geen inschrijvingen aangenomen. Wie de nieuwsbrief ontvangt, kan voorkeuren nog wijzigen en zich uitschrijven."},
		away:    notice{"U ontvangt de nieuwsbrief niet", "Dit adres is uitgeschreven en gewist."},
		busy:    notice{"Te veel aanvragen", "Er kwamen erg veel aanvragen uit uw netwerk. Probeer het over %s opnieuw."},
		full:    notice{"Er kan nu geen mail naar u", "Er vroegen zojuist zo veel mensen om de nieuwsbrief dat er geen mail met een link naar u kan. Probeer het over %s opnieuw."},
		nothing: notice{"Er is nog geen nieuwsbrief", "Er is nog niets gepubliceerd. Kom later terug."},
		trouble: notice{"Dit werkt op dit moment niet", "Het ligt niet aan u. Probeer het over een minuut opnieuw."},
		large:   notice{"Dat was te veel", "Wat werd verstuurd, is groter dan het formulier kan zijn."},
		method:  notice{"Dat kan hier niet", "Deze pagina kan worden gelezen en haar formulier kan worden verstuurd. Andere verzoeken worden niet beantwoord."},
		unclear: notice{"Er is niets gewijzigd", "Het verzoek zei niet dat u zich wilt uitschrijven. Druk op de knop op de pagina waar de link in de mail naartoe leidt."},
	}
}

// span says how long somebody has to wait.
func (w words) span(seconds int) string {
	switch minutes := (seconds + 59) / 60; {
	case seconds == 1:
		return w.second
	case seconds < 60:
		return fmt.Sprintf(w.seconds, seconds)
	case minutes == 1:
		return w.minute
	default:
		return fmt.Sprintf(w.minutes, minutes)
	}
}
