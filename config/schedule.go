package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// maxExpression is the maximum length of an expression.
const maxExpression = 256

// horizon is the time within which a schedule must have a time. robfig/cron looks five years
// ahead, and so do we with "@every".
const horizon = 5 * 365 * 24 * time.Hour

var errNoTime = errors.New("has no time in the next five years")

// Schedule is a valid cron expression: five fields, or a descriptor such as @hourly or
// @every 1m, after CRON_TZ=Zone or TZ=Zone for a time zone. Without one it is in UTC, on every
// machine. The zero Schedule has no times.
//
// Its times do not depend on when Next is called, so that a restart moves none of them. When
// the clocks change, it follows the rule of Vixie's cron; see [wallClock].
type Schedule struct {
	expression string
	times      times
}

// times is a schedule without its text.
type times interface {
	cron.Schedule
	isFixed() bool
}

var _ cron.Schedule = Schedule{}

// ParseSchedule parses an expression. It returns an error for one without a time in the next
// five years, such as "0 0 31 2 *".
func ParseSchedule(expression string) (Schedule, error) {
	if len(expression) > maxExpression {
		return Schedule{}, fmt.Errorf("is longer than %d characters", maxExpression)
	}
	expression = strings.TrimSpace(expression)
	zone, fields, err := splitZone(expression)
	if err != nil {
		return Schedule{}, err
	}
	times, err := parseTimes(zone, fields)
	if err != nil {
		return Schedule{}, err
	}
	// An expression has no year, so a fixed day gives the same result every time.
	from := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	if next := times.Next(from); next.IsZero() || next.Sub(from) > horizon {
		return Schedule{}, errNoTime
	}
	return Schedule{expression: expression, times: times}, nil
}

// splitZone splits the time zone off an expression. robfig/cron panics on a zone without an
// expression, and uses the machine's zone if there is none.
func splitZone(expression string) (zone *time.Location, fields string, err error) {
	rest, ok := strings.CutPrefix(expression, "CRON_TZ=")
	if !ok {
		rest, ok = strings.CutPrefix(expression, "TZ=")
	}
	if !ok {
		return time.UTC, expression, nil
	}
	name, fields, _ := strings.Cut(rest, " ")
	zone, err = time.LoadLocation(name)
	if err != nil || name == "" {
		return nil, "", fmt.Errorf("names an unknown time zone %q", name)
	}
	fields = strings.TrimSpace(fields)
	if fields == "" {
		return nil, "", errors.New("has a time zone and nothing after it")
	}
	return zone, fields, nil
}

// Next returns the first time after t, in t's zone; zero for the zero Schedule.
func (s Schedule) Next(t time.Time) time.Time {
	if s.times == nil {
		return time.Time{}
	}
	return s.times.Next(t)
}

// Fixed reports whether the times are times of day, such as 08:00. Times that are an hour or
// less apart follow the elapsed time instead.
func (s Schedule) Fixed() bool { return s.times != nil && s.times.isFixed() }

// IsZero reports whether there is no schedule.
func (s Schedule) IsZero() bool { return s.times == nil }

// String returns the expression as it was written.
func (s Schedule) String() string { return s.expression }

// MarshalText returns the text that ParseSchedule parses.
func (s Schedule) MarshalText() ([]byte, error) { return []byte(s.expression), nil }
