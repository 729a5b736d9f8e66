package config

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time that is not negative, written as Go does
// ("24h", "1h30m") or in days of 24 hours ("7d").
type Duration time.Duration

// maxDuration keeps calculations with times far from an overflow.
const maxDuration = 100 * 365 * 24 * time.Hour

// ParseDuration reads a Duration of at most a hundred years.
func ParseDuration(text string) (Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil || time.Duration(n)*24*time.Hour > maxDuration {
			return 0, errors.New("is not a number of days")
		}
		return Duration(time.Duration(n) * 24 * time.Hour), nil
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, errors.New("is not a duration")
	case d < 0:
		return 0, errors.New("is negative")
	case d > maxDuration:
		return 0, errors.New("is longer than a hundred years")
	}
	return Duration(d), nil
}

// Std returns the duration as a time.Duration.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String returns the shortest form: 24h, not 24h0m0s.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText writes what ParseDuration reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
