package schedule

import "time"

// The oracle of this file does not use cron: it goes through the years minute by
// minute, and asks a plain function whether a job is due.

// changes are the times at which the clocks of Europe/Amsterdam change, according
// to the tz database, and their offset from UTC in hours from then on.
var changes = []struct {
	at    string
	hours int
}{
	{"2025-10-26T01:00:00Z", 1},
	{"2026-03-29T01:00:00Z", 2}, {"2026-10-25T01:00:00Z", 1},
	{"2027-03-28T01:00:00Z", 2}, {"2027-10-31T01:00:00Z", 1},
	{"2028-03-26T01:00:00Z", 2}, {"2028-10-29T01:00:00Z", 1},
	{"2029-03-25T01:00:00Z", 2}, {"2029-10-28T01:00:00Z", 1},
	{"2030-03-31T01:00:00Z", 2}, {"2030-10-27T01:00:00Z", 1},
	{"2031-03-30T01:00:00Z", 2}, {"2031-10-26T01:00:00Z", 1},
	{"2032-03-28T01:00:00Z", 2}, {"2032-10-31T01:00:00Z", 1},
	{"2033-03-27T01:00:00Z", 2}, {"2033-10-30T01:00:00Z", 1},
	{"2034-03-26T01:00:00Z", 2}, {"2034-10-29T01:00:00Z", 1},
	{"2035-03-25T01:00:00Z", 2}, {"2035-10-28T01:00:00Z", 1},
	{"2036-03-30T01:00:00Z", 2}, {"2036-10-26T01:00:00Z", 1},
}

// A wall is the time that a wall clock shows, to the minute.
type wall struct {
	month, day, weekday, hour, minute int
}

// An expectation is a schedule and a function that tells when it is due.
type expectation struct {
	expression string
	due        func(w wall, utc int64) bool // utc is in minutes since 1970
	// fixed is set for times of day, which are not repeated.
	fixed bool
	utc   bool // the wall is one in Greenwich
}

const inAmsterdam = "CRON_TZ=Europe/Amsterdam "

var expectations = []expectation{
	{expression: inAmsterdam + "30 2 * * *", fixed: true,
		due: func(w wall, _ int64) bool { return w.hour == 2 && w.minute == 30 }},
	{expression: inAmsterdam + "0 8 * * MON-FRI", fixed: true,
		due: func(w wall, _ int64) bool {
			return w.hour == 8 && w.minute == 0 && w.weekday >= 1 && w.weekday <= 5
		}},
	{expression: inAmsterdam + "15,45 1-3 * * SUN", fixed: true,
		due: func(w wall, _ int64) bool {
			return w.hour >= 1 && w.hour <= 3 && (w.minute == 15 || w.minute == 45) && w.weekday == 0
		}},
	{expression: inAmsterdam + "0 */2 * * *", fixed: true,
		due: func(w wall, _ int64) bool { return w.hour%2 == 0 && w.minute == 0 }},
	{expression: inAmsterdam + "0 0,3 1 */3 *", fixed: true,
		due: func(w wall, _ int64) bool {
			return w.day == 1 && (w.month-1)%3 == 0 && (w.hour == 0 || w.hour == 3) && w.minute == 0
		}},
	{expression: "0 2 * * *", fixed: true, utc: true,
		due: func(w wall, _ int64) bool { return w.hour == 2 && w.minute == 0 }},
	{expression: inAmsterdam + "0 * * * *",
		due: func(w wall, _ int64) bool { return w.minute == 0 }},
	{expression: inAmsterdam + "*/5 * * * *",
		due: func(w wall, _ int64) bool { return w.minute%5 == 0 }},
	{expression: inAmsterdam + "7 * * * SUN",
		due: func(w wall, _ int64) bool { return w.minute == 7 && w.weekday == 0 }},
	{expression: inAmsterdam + "@every 90m",
		due: func(_ wall, utc int64) bool { return utc%90 == 0 }},
}

// times lists the moments from one to another at which a job is due.
func (e expectation) times(from, to time.Time) []time.Time {
	var due []time.Time
	walk := walker{utc: e.utc}
	for utc := from.Unix() / 60; utc <= to.Unix()/60; utc++ {
		ahead, turned := walk.offset(utc)
		shown := utc + ahead
		is := e.due(wallAt(shown), utc)
		if e.fixed {
			is = is && shown > walk.highest // the second time around does not count
			for skipped := shown - turned; turned > 0 && skipped < shown; skipped++ {
				is = is || e.due(wallAt(skipped), utc)
			}
			walk.highest = max(walk.highest, shown)
		}
		if is {
			due = append(due, time.Unix(utc*60, 0).UTC())
		}
	}
	return due
}

// A walker knows the offset of the clocks from UTC.
type walker struct {
	utc     bool
	next    int // of changes
	ahead   int64
	highest int64 // what the clock showed at most
}

// offset returns the offset of the clocks, and the minutes by which they were
// just changed.
func (w *walker) offset(utc int64) (ahead, turned int64) {
	for !w.utc && w.next < len(changes) {
		c := changes[w.next]
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			panic(err)
		}
		if utc < at.Unix()/60 {
			break
		}
		if utc == at.Unix()/60 {
			turned = int64(c.hours)*60 - w.ahead
		}
		w.ahead = int64(c.hours) * 60
		w.next++
	}
	return w.ahead, turned
}

// wallAt reads the clock by counting days from 1970, which began on a Thursday.
func wallAt(minutes int64) wall {
	days := minutes / (24 * 60)
	w := wall{
		weekday: int((days + 4) % 7),
		hour:    int(minutes / 60 % 24),
		minute:  int(minutes % 60),
	}
	// Civil from days: Gregorian eras of 146,097 days from 1 March of year 0.
	z := days + 719_468
	day := z % 146_097
	year := (day - day/1_460 + day/36_524 - day/146_096) / 365
	day -= 365*year + year/4 - year/100
	month := (5*day + 2) / 153
	w.day = int(day - (153*month+2)/5 + 1)
	w.month = int((month+2)%12 + 1)
	return w
}
