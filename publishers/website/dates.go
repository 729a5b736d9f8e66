package website

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"netsync/schema"
)

// dateText formats an EDTF date of level 1: 199X is the 1990s, 2024-06 is June
// 2024. It returns any other string unchanged.
func (l *locale) dateText(edtf string) text {
	if _, err := schema.ParseEDTF(edtf); err != nil {
		return text{Body: edtf}
	}
	return l.withLanguage(l.dateWords(edtf), l.labels.Tag)
}

func (l *locale) dateWords(edtf string) string {
	from, to, interval := strings.Cut(edtf, "/")
	switch open := func(s string) bool { return s == "" || s == ".." }; {
	case !interval:
		return l.qualifiedDate(edtf)
	case open(to):
		return fmt.Sprintf(l.labels.Words["date.from"], l.qualifiedDate(from))
	case open(from):
		return fmt.Sprintf(l.labels.Words["date.until"], l.qualifiedDate(to))
	}
	return l.qualifiedDate(from) + " – " + l.qualifiedDate(to)
}

func (l *locale) qualifiedDate(s string) string {
	bare := strings.TrimRight(s, "?~%")
	words := l.plainDate(bare)
	switch s[len(bare):] {
	case "?":
		return fmt.Sprintf(l.labels.Words["date.uncertain"], words)
	case "~":
		return fmt.Sprintf(l.labels.Words["date.about"], words)
	case "%":
		return fmt.Sprintf(l.labels.Words["date.uncertain"], fmt.Sprintf(l.labels.Words["date.about"], words))
	}
	return words
}

// plainDate formats a year, month or day, omitting an unspecified month or
// day.
func (l *locale) plainDate(s string) string {
	parts := strings.SplitN(strings.ReplaceAll(s, "-XX", ""), "-", 3)
	year := l.yearWords(parts[0])
	if len(parts) == 1 {
		return year
	}
	month := l.labels.Words["month."+parts[1]] + " " + year
	if len(parts) == 2 {
		return month
	}
	return strings.TrimLeft(parts[2], "0") + " " + month
}

func (l *locale) yearWords(s string) string {
	if century, ok := strings.CutSuffix(s, "XX"); ok {
		return fmt.Sprintf(l.labels.Words["date.century"], century+"00", century+"99")
	}
	if decade, ok := strings.CutSuffix(s, "X"); ok {
		return fmt.Sprintf(l.labels.Words["date.decade"], decade+"0")
	}
	return s
}

// A timestamp is a time in words and for machines.
type timestamp struct {
	Words    text
	DateTime string // RFC 3339
}

// formatTime formats a time in the dataset's time zone.
func (l *locale) formatTime(t time.Time) timestamp {
	local := t.In(l.zone)
	words := l.plainDate(local.Format(time.DateOnly)) + ", " + local.Format("15:04")
	return timestamp{l.withLanguage(words, l.labels.Tag), t.UTC().Format(time.RFC3339)}
}

// formatCount formats a number that may be approximate.
func (l *locale) formatCount(n int, approximate bool) text {
	if approximate {
		return l.formatLabel("about", strconv.Itoa(n))
	}
	return text{Body: strconv.Itoa(n)}
}
