package config

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// everyHour is the field of hours of an expression that is due in every hour.
const everyHour = 1<<24 - 1

// parseTimes parses an expression without a time zone.
func parseTimes(zone *time.Location, fields string) (times, error) {
	// UTC has no changes of the clocks: cron calculates in it, and this package converts its
	// times to the zone.
	parsed, err := cron.ParseStandard("CRON_TZ=UTC " + fields)
	if err != nil {
		return nil, fmt.Errorf("is not a cron expression: %w", err)
	}
	switch s := parsed.(type) {
	case *cron.SpecSchedule:
		if s.Hour&everyHour == everyHour {
			return steady{s, zone}, nil
		}
		return wallClock{s, zone}, nil
	case cron.ConstantDelaySchedule:
		if s.Delay > horizon {
			return nil, errNoTime
		}
		return interval(s.Delay), nil
	}
	return nil, fmt.Errorf("is a kind of cron expression that is not known: %T", parsed)
}

// A wallClock is due at times of day of its zone. It is due exactly once for each, as in
// Vixie's cron ("if time has moved forward, those jobs
// that would have run in the interval that has been skipped will be run
// immediately; conversely, if time has moved backward, care is taken to avoid
// running jobs twice", cron(8)): times that the clocks skip are due once, at the first moment
// after the gap; a time that comes twice is due the first time only.
//
// The rule applies to jobs at a specific time, and to those more than an hour apart. See
// [steady] for the others.
type wallClock struct {
	times *cron.SpecSchedule // in UTC, as readings of the zone's clock
	zone  *time.Location
}

func (wallClock) isFixed() bool { return true }

// Next tries the readings of the clock after that of t in order. Their moments are in the same
// order, and no earlier reading has a moment after t.
func (w wallClock) Next(t time.Time) time.Time {
	reading := clockReading(t.In(w.zone))
	for {
		if reading = w.times.Next(reading); reading.IsZero() {
			return time.Time{}
		}
		if moment := firstMoment(reading, w.zone); moment.After(t) {
			return moment.In(t.Location())
		}
	}
}

// clockReading returns the reading of the clock at t, as a time in UTC.
func clockReading(t time.Time) time.Time {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	return time.Date(year, month, day, hour, minute, second, t.Nanosecond(), time.UTC)
}

// firstMoment returns the first moment at which a zone's clock shows a reading or, if it skips
// the reading, the first moment after the gap.
func firstMoment(reading time.Time, zone *time.Location) time.Time {
	year, month, day := reading.Date()
	hour, minute, second := reading.Clock()
	// Around a change of the clocks, Date is right for one of the two sides, but not always
	// for the same.
	moment := time.Date(year, month, day, hour, minute, second, 0, zone)
	start, end := moment.ZoneBounds()
	switch shown := clockReading(moment); {
	case shown.After(reading):
		return start
	case shown.Before(reading):
		return end
	case start.IsZero():
		return moment
	}
	_, before := start.Add(-time.Second).Zone()
	if earlier := reading.Add(-time.Duration(before) * time.Second).In(zone); earlier.Before(start) {
		return earlier
	}
	return moment
}

// A steady schedule is due in every hour, and follows the elapsed time: times that the clocks
// skip are not due, and an hour that comes twice counts twice, so that the intervals stay the
// same.
type steady struct {
	times *cron.SpecSchedule // in UTC, which stands for the zone's clock
	zone  *time.Location
}

func (steady) isFixed() bool { return false }

// Next searches the time up to the next change of the clocks, and then after it.
func (s steady) Next(t time.Time) time.Time {
	local := t.In(s.zone)
	reading := clockReading(local)
	for {
		if reading = s.times.Next(reading); reading.IsZero() {
			return time.Time{}
		}
		_, offset := local.Zone()
		_, change := local.ZoneBounds()
		if moment := reading.Add(-time.Duration(offset) * time.Second); change.IsZero() || moment.Before(change) {
			return moment.In(t.Location())
		}
		local = change
		reading = clockReading(local).Add(-time.Nanosecond) // the moment of the change may be due
	}
}

// An interval is due at multiples of it since the beginning of 1970 in UTC: counted from the
// start of a process, a long one would never be due in a process that restarts often.
type interval time.Duration

func (interval) isFixed() bool { return false }

func (i interval) Next(t time.Time) time.Time {
	seconds := int64(time.Duration(i) / time.Second)
	return time.Unix((t.Unix()/seconds+1)*seconds, 0).In(t.Location())
}
