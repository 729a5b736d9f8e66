package signup

import (
	"fmt"
	"strings"

	"netsync/schema/words"
)

// phrases are the texts of the pages in a language.
type phrases struct {
	Second, Seconds, Minute, Minutes          string
	Skip, Languages, Website, Archive, Digest string // of every page; Digest is its name if it has no title
	Error                                     string // before the title of a page with errors
	Wrong                                     string // above the list of errors

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

	Forged, Expired, Renewed, Closed, Away, Busy, Full, Nothing, Trouble, Large, Method, Unclear notice
}

// A notice is the text of a noticePage.
type notice struct{ Title, Text string }

// hasPhrases reports whether pages are available in a language.
func hasPhrases(tag string) bool {
	primary, _, _ := strings.Cut(strings.ToLower(words.In(tag).Tag), "-")
	asked, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return primary == asked
}

// phrasesIn returns the phrases of a language; the English ones if it has none.
func phrasesIn(tag string) phrases { return words.MustDecode[phrases](tag, "signup.") }

// formatWait returns a waiting time in words.
func (p phrases) formatWait(seconds int) string {
	switch minutes := (seconds + 59) / 60; {
	case seconds == 1:
		return p.Second
	case seconds < 60:
		return fmt.Sprintf(p.Seconds, seconds)
	case minutes == 1:
		return p.Minute
	default:
		return fmt.Sprintf(p.Minutes, minutes)
	}
}
