package draft

import (
	"fmt"
	"time"

	"netsync/schema/words"
)

// Phrases are the texts of the newsletter in a language.
type Phrases struct {
	Section map[string]string // titles, by key
	months  [12]string

	SubjectNone, SubjectNew, SubjectRemoved string
	SubjectChange, SubjectChanges           string
	SubjectOthers, SubjectAnd               string

	PeriodDay, PeriodSpan string
	Nothing               string // of an empty digest
	Was, Now, NoValue     string
	MoreFields, MoreItems string // %d is the number
	AllChanges, Why       string // %s is the dataset's title
	WhyLinks              string // for subscribers; %s as in Why
	ChangeLabel           string
	LeaveLabel            string
	SentBefore, NoneYet   string
	DayLabel              string
	Digests, AllDigests   string
	About                 string // of the archive; %s is the dataset's title
	Here, Follow          string
}

// PhrasesIn returns the texts in a language, or in English if it has none.
func PhrasesIn(language string) Phrases {
	p := words.MustDecode[Phrases](language, "digest.")
	for i := range p.months {
		p.months[i] = words.In(language).Words[fmt.Sprintf("month.%02d", i+1)]
	}
	return p
}

// periodText returns the days between two times, in UTC: the same on every
// machine.
func (p Phrases) periodText(from, to time.Time) string {
	first, last := p.DayText(from), p.DayText(to)
	if first == last {
		return fmt.Sprintf(p.PeriodDay, first)
	}
	return fmt.Sprintf(p.PeriodSpan, first, last)
}

func (p Phrases) DayText(t time.Time) string {
	t = t.UTC()
	return fmt.Sprintf("%d %s %d", t.Day(), p.months[t.Month()-1], t.Year())
}

// startSide returns the side on which lines of a writing direction begin.
func startSide(direction string) string {
	if direction == "rtl" {
		return "right"
	}
	return "left"
}
