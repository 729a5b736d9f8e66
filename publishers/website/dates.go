package website

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"netsync/schema"
)

// date words an EDTF date of level 1: 199X is the 1990s, 2024-06 is June 2024.
// What is no such date is shown as it is written.
func (v *voice) date(edtf string) text {
	if _, err := schema.ParseEDTF(edtf); err != nil {
		return text{Body: edtf}
	}
	return v.foreign(v.dateWords(edtf), v.labels.Tag)
}

func (v *voice) dateWords(edtf string) string {
	from, to, interval := strings.Cut(edtf, "/")
	switch open := func(s string) bool { return s == "" || s == ".." }; {
	case !interval:
		return v.oneDate(edtf)
	case open(to):
		return fmt.Sprintf(v.labels.Words["date.from"], v.oneDate(from))
	case open(from):
		return fmt.Sprintf(v.labels.Words["date.until"], v.oneDate(to))
	}
	return v.oneDate(from) + " – " + v.oneDate(to)
}

func (v *voice) oneDate(s string) string {
	bare := strings.TrimRight(s, "?~%")
	words := v.plainDate(bare)
	switch s[len(bare):] {
	case "?":
		return fmt.Sprintf(v.labels.Words["date.uncertain"], words)
	case "~":
		return fmt.Sprintf(v.labels.Words["date.about"], words)
	case "%":
		return fmt.Sprintf(v.labels.Words["date.uncertain"], fmt.Sprintf(v.labels.Words["date.about"], words))
	}
	return words
}

// plainDate words a year, month or day; unspecified months and days are left
// out.
func (v *voice) plainDate(s string) string {
	parts := strings.SplitN(strings.ReplaceAll(s, "-XX", ""), "-", 3)
	year := v.year(parts[0])
	if len(parts) == 1 {
		return year
	}
	month := v.labels.Words["month."+parts[1]] + " " + year
	if len(parts) == 2 {
		return month
	}
	return strings.TrimLeft(parts[2], "0") + " " + month
}

func (v *voice) year(s string) string {
	if century, ok := strings.CutSuffix(s, "XX"); ok {
		return fmt.Sprintf(v.labels.Words["date.century"], century+"00", century+"99")
	}
	if decade, ok := strings.CutSuffix(s, "X"); ok {
		return fmt.Sprintf(v.labels.Words["date.decade"], decade+"0")
	}
	return s
}

// A moment is a time in words and for machines.
type moment struct {
	Words    text
	DateTime string // RFC 3339
}

// moment words a time in the dataset's time zone.
func (v *voice) moment(t time.Time) moment {
	local := t.In(v.zone)
	words := v.plainDate(local.Format(time.DateOnly)) + ", " + local.Format("15:04")
	return moment{v.foreign(words, v.labels.Tag), t.UTC().Format(time.RFC3339)}
}

// count words a number that may be approximate.
func (v *voice) count(n int, approximate bool) text {
	if approximate {
		return v.sayf("about", strconv.Itoa(n))
	}
	return text{Body: strconv.Itoa(n)}
}
