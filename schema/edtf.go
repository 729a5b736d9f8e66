package schema

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// An Interval is the span of days that a date of EDTF level 1 may mean. A zero
// First or Last means an open end.
type Interval struct {
	First, Last time.Time
}

var edtfPattern = regexp.MustCompile(`^(\d{4}|\d{3}X|\d{2}XX)(?:-(\d{2}|XX)(?:-(\d{2}|XX))?)?([?~%])?$`)

// ParseEDTF reads a date of the Extended Date/Time Format, level 1 (Library
// of Congress, 2019; ISO 8601-2): a year, month or day with unspecified
// digits (199X, 2024-XX), a season (2024-21 to 2024-24), a qualifier (1987?,
// 1987~, 1987%), or an interval of two of them with an open or unknown end
// (1987/1990, 1987/.., /1990). Years before 0 and after 9999 are refused.
func ParseEDTF(s string) (Interval, error) {
	from, to, interval := strings.Cut(s, "/")
	if !interval {
		return parseEDTFDate(s)
	}
	var span Interval
	if from != "" && from != ".." {
		first, err := parseEDTFDate(from)
		if err != nil {
			return Interval{}, err
		}
		span.First = first.First
	}
	if to != "" && to != ".." {
		last, err := parseEDTFDate(to)
		if err != nil {
			return Interval{}, err
		}
		span.Last = last.Last
	}
	if span == (Interval{}) {
		return Interval{}, fmt.Errorf("%q has neither a beginning nor an end", s)
	}
	if !span.First.IsZero() && !span.Last.IsZero() && span.Last.Before(span.First) {
		return Interval{}, fmt.Errorf("%q ends before it begins", s)
	}
	return span, nil
}

func parseEDTFDate(s string) (Interval, error) {
	if year, ok := plainYear(s); ok {
		return Interval{newDay(year, 1, 1), newDay(year, 12, 31)}, nil
	}
	m := edtfPattern.FindStringSubmatch(s)
	if m == nil {
		return Interval{}, fmt.Errorf("%q is not a date; write 1987, 199X, 2024-06 or 2024-06-30", s)
	}
	first, _ := strconv.Atoi(strings.ReplaceAll(m[1], "X", "0"))
	last, _ := strconv.Atoi(strings.ReplaceAll(m[1], "X", "9"))
	if strings.Contains(m[1], "X") && m[2] != "" {
		return Interval{}, fmt.Errorf("%q has a month in an unspecified year", s)
	}
	if m[2] == "XX" || m[2] == "" {
		if m[3] != "" && m[3] != "XX" {
			return Interval{}, fmt.Errorf("%q has a day in an unspecified month", s)
		}
		return Interval{newDay(first, 1, 1), newDay(last, 12, 31)}, nil
	}
	month, _ := strconv.Atoi(m[2])
	if month >= 21 && month <= 24 && m[3] == "" {
		return seasonMonths(first, month), nil
	}
	if month < 1 || month > 12 {
		return Interval{}, fmt.Errorf("%q has no such month", s)
	}
	if m[3] == "" || m[3] == "XX" {
		return Interval{newDay(first, month, 1), newDay(first, month+1, 0)}, nil
	}
	d, _ := strconv.Atoi(m[3])
	if date := newDay(first, month, d); date.Day() == d && d > 0 {
		return Interval{date, date}, nil
	}
	return Interval{}, fmt.Errorf("%q has no such day", s)
}

// plainYear parses a year of four digits, the most common date.
func plainYear(s string) (year int, ok bool) {
	if len(s) != 4 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		year = 10*year + int(c-'0')
	}
	return year, true
}

// seasonMonths returns the months of a season in the northern hemisphere: spring (21)
// begins in March. Winter (24) ends in the next year.
func seasonMonths(year, code int) Interval {
	start := 3 * (code - 20)
	return Interval{newDay(year, start, 1), newDay(year, start+3, 0)}
}

func newDay(year, month, d int) time.Time {
	return time.Date(year, time.Month(month), d, 0, 0, 0, 0, time.UTC)
}

// A Day is a calendar day without a time zone.
type Day struct{ t time.Time }

// DayIn returns the day at t in a time zone.
func DayIn(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Day{newDay(y, int(m), d)}
}

// ParseDay parses "2026-11-24".
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Day{}, fmt.Errorf("%q is not a day; write it as 2026-11-24", s)
	}
	return Day{t}, nil
}

// String returns the day in ISO 8601.
func (d Day) String() string { return d.t.Format(time.DateOnly) }

// IsZero reports whether d is the zero Day.
func (d Day) IsZero() bool { return d.t.IsZero() }

// Before reports whether the day is before t.
func (d Day) Before(t time.Time) bool { return d.t.Before(t) }

// Noon returns noon of the day in UTC, which is on the same day in almost every
// time zone.
func (d Day) Noon() time.Time { return d.t.Add(12 * time.Hour) }
