package config

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// everyHour is the hours field of an expression that is due in every hour.
const everyHour = 1<<24 - 1

// parseTimes reads an expression that has no time zone.
func parseTimes(zone *time.Location, fields string) (times, error) {
	// UTC has no changes of the clocks: cron counts in it, and what its times
	// mean in the zone is said here.
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

// A wallClock is due at times of day of its zone. Every time that is due comes
// exactly once, as Vixie's cron has it ("if time has moved forward, those jobs
// that would have run in the interval that has been skipped will be run
// immediately; conversely, if time has moved backward, care is taken to avoid
// running jobs twice", cron(8)): one that the clocks skip comes at the first
// moment after the gap, once for all that were skipped; one that comes twice
// comes the first time only.
//
// The rule is for jobs at a specific time and for those that are more than an
// hour apart. For the others see [steady].
type wallClock struct {
	times *cron.SpecSchedule // in UTC, which stands for the zone's clock
	zone  *time.Location
}

func (wallClock) isFixed() bool { return true }

// Next tries the readings of the clock after t's in order. The moments that
// they stand for are in order, too, and none before them lies after t.
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

// clockReading is what the clock shows at t, as if it were UTC.
func clockReading(t time.Time) time.Time {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	return time.Date(year, month, day, hour, minute, second, t.Nanosecond(), time.UTC)
}

// firstMoment is when a zone's clock first shows a reading; where it skips it,
// the first moment after the gap.
func firstMoment(reading time.Time, zone *time.Location) time.Time {
	year, month, day := reading.Date()
	hour, minute, second := reading.Clock()
	// Around a change of the clocks, Date is right for one of the two sides,
	// and does not say for which.
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

// A steady schedule is due in every hour, so it follows the elapsed time: what
// the clocks skip is not made up for, and an hour that comes twice counts
// twice. Neither makes a gap or a throng.
type steady struct {
	times *cron.SpecSchedule // in UTC, which stands for the zone's clock
	zone  *time.Location
}

func (steady) isFixed() bool { return false }

// Next looks in the time up to the next change of the clocks, then behind it.
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
		reading = clockReading(local).Add(-time.Nanosecond) // the change itself may be due
	}
}

// An interval is due whenever a multiple of it has passed since 1970 began in
// UTC: counted from the start of a process, a long one would never be due in
// one that is started often.
type interval time.Duration

func (interval) isFixed() bool { return false }

func (i interval) Next(t time.Time) time.Time {
	seconds := int64(time.Duration(i) / time.Second)
	return time.Unix((t.Unix()/seconds+1)*seconds, 0).In(t.Location())
}
