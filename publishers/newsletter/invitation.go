package newsletter

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"netsync/publishers/newsletter/draft"
	"netsync/publishers/newsletter/mail"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/story"
	"netsync/schema/words"
)

// An invitation is the mail with a link to confirm a subscription.
type invitation struct {
	invitationWords
	Address  string
	Title    string // of the dataset, on one line
	Language string
	Dir      string
	Link     string
	Known    bool // the address is subscribed already
}

// newInvitation returns the mail without its link.
func (o Offer) newInvitation(r subscribers.Request) invitation {
	languages := slices.Concat([]string{r.Language}, o.Languages, []string{"en"})
	title, _ := o.Title.In(languages...)
	language := cmp.Or(languages...)
	return invitation{
		invitationWords: invitationWordsIn(language),
		Address:         r.Address,
		Title:           story.Shorten(draft.SingleLine(title), draft.MaxTitle),
		Language:        language,
		Dir:             words.Direction(language),
	}
}

// Subject returns the subject of the mail.
func (i invitation) Subject() string {
	if i.Known {
		return fmt.Sprintf(i.knownSubject, i.Title)
	}
	return fmt.Sprintf(i.subject, i.Title)
}

// Lead returns the first paragraph.
func (i invitation) Lead() string {
	if i.Known {
		return fmt.Sprintf(i.known, i.Title)
	}
	return fmt.Sprintf(i.lead, i.Title)
}

// Do returns the text of the link.
func (i invitation) Do() string {
	if i.Known {
		return i.change
	}
	return i.confirm
}

// Else returns what to do if someone else requested the mail.
func (i invitation) Else() string {
	if i.Known {
		return i.knownElse
	}
	return i.ignore
}

// plainText returns the mail as plain text.
func (i invitation) plainText() string {
	return strings.Join([]string{draft.TextHeading(i.Title, "=") + i.Lead(), i.Do() + ":\n" + i.Link, i.Else()}, "\n\n") + "\n"
}

// composeInvitation returns the message of an invitation.
func (n *Newsletter) composeInvitation(i invitation) (mail.Message, error) {
	var html bytes.Buffer
	if err := n.templates.ExecuteTemplate(&html, "invitation.html.tmpl", i); err != nil {
		return mail.Message{}, fmt.Errorf("newsletter: write the invitation: %w", err)
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(n.sender.from)
	if err := m.To(i.Address); err != nil {
		return mail.Message{}, subscribers.ErrAddress // the library's error quotes the address
	}
	m.Subject(draft.SingleLine(i.Subject()))
	m.SetDateWithValue(n.Now())
	m.SetMessageIDWithValue(rand.Text() + "@" + n.sender.domainName())
	m.SetGenHeader(mail.HeaderAutoSubmitted, "auto-replied") // RFC 3834 §5: it answers a request
	m.SetGenHeader("Content-Language", i.Language)
	m.SetBodyString(gomail.TypeTextPlain, i.plainText())
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	data, err := mail.Encode(m, 0)
	if err != nil {
		return mail.Message{}, err
	}
	return n.sender.signer.NewMessage(n.sender.from.Address, i.Address, data)
}

// invitationWords are the texts of an invitation in a language; %s is the
// dataset's title.
type invitationWords struct {
	subject, lead, confirm, ignore         string
	knownSubject, known, change, knownElse string
}

// invitationWordsIn returns the texts in a language, or in English if it has
// none.
func invitationWordsIn(language string) invitationWords {
	if primary, _, _ := strings.Cut(language, "-"); strings.EqualFold(primary, "nl") {
		return invitationWords{
			subject:      "Bevestig uw inschrijving: %s",
			lead:         "Iemand, hopelijk u, heeft dit adres ingeschreven voor de nieuwsbrief van %s. Bevestig dat om hem te ontvangen. De link werkt zeven dagen.",
			confirm:      "Inschrijving bevestigen",
			ignore:       "Hebt u dit niet gevraagd, doe dan niets: u krijgt geen nieuwsbrief en uw adres wordt niet bewaard.",
			knownSubject: "U ontvangt de nieuwsbrief al: %s",
			known:        "Iemand, hopelijk u, heeft dit adres ingeschreven voor de nieuwsbrief van %s. U ontvangt hem al. Uw voorkeuren wijzigen kan hier.",
			change:       "Voorkeuren wijzigen",
			knownElse:    "Hebt u dit niet gevraagd, doe dan niets: er is niets veranderd.",
		}
	}
	return invitationWords{
		subject:      "Confirm your subscription: %s",
		lead:         "Somebody, hopefully you, signed this address up for the digest of %s. Confirm it to get the digest. The link works for seven days.",
		confirm:      "Confirm the subscription",
		ignore:       "If it was not you, do nothing: you get no digest, and your address is not kept.",
		knownSubject: "You get the digest already: %s",
		known:        "Somebody, hopefully you, signed this address up for the digest of %s. You get it already. You can change your preferences here.",
		change:       "Change your preferences",
		knownElse:    "If it was not you, do nothing: nothing has changed.",
	}
}
