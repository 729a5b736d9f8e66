package config_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"netsync/config"
)

// zones are those whose clocks change in a way of their own: at midnight, by
// half an hour, by a whole day.
var zones = []string{
	"UTC", "Europe/Amsterdam", "America/New_York", "America/Sao_Paulo", "Asia/Beirut",
	"Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
}

func TestScheduleWhenTheClocksChange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, expression string
		from, to         string
		want             []string
	}{
		{"a time in the gap comes at its end", "CRON_TZ=Europe/Amsterdam 30 2 * * *", "2026-03-28T12:00:00+01:00", "2026-03-30T12:00:00+02:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"several in the gap come as one", "CRON_TZ=Europe/Amsterdam */20 1-3 29 3 *", "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00",
			[]string{"2026-03-29T01:40:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:20:00+02:00"}},
		{"a time that comes twice counts once", "CRON_TZ=Europe/Amsterdam 30 2 * * *", "2026-10-24T12:00:00+02:00", "2026-10-26T12:00:00+01:00",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"every second hour is a fixed time", "CRON_TZ=Europe/Amsterdam 0 */2 * * *", "2026-10-25T00:00:00+02:00", "2026-10-25T04:00:00+01:00",
			[]string{"2026-10-25T02:00:00+02:00", "2026-10-25T04:00:00+01:00"}},
		{"every hour goes on in spring", "CRON_TZ=Europe/Amsterdam 0 * * * *", "2026-03-29T00:30:00+01:00", "2026-03-29T04:00:00+02:00",
			[]string{"2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"}},
		{"every hour goes on in autumn", "CRON_TZ=Europe/Amsterdam 0 * * * *", "2026-10-25T01:30:00+02:00", "2026-10-25T03:00:00+01:00",
			[]string{"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"}},
		{"minutes go on in autumn", "CRON_TZ=Europe/Amsterdam */30 * * * *", "2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+01:00",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00"}},
		{"midnight that is skipped", "CRON_TZ=America/Sao_Paulo @daily", "2018-11-03T12:00:00-03:00", "2018-11-05T12:00:00-02:00",
			[]string{"2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}},
		{"a day that is skipped", "CRON_TZ=Pacific/Apia 0 8 * * *", "2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00",
			[]string{"2011-12-31T00:00:00+14:00", "2011-12-31T08:00:00+14:00"}},
		{"an interval does not mind", "CRON_TZ=Europe/Amsterdam @every 90m", "2026-03-29T00:00:00Z", "2026-03-29T04:30:00Z",
			[]string{"2026-03-29T01:30:00Z", "2026-03-29T03:00:00Z", "2026-03-29T04:30:00Z"}},
	}
	for _, tt := range tests {
		s := parseSchedule(t, tt.expression)
		from, to := moment(t, tt.from), moment(t, tt.to)
		var got []string
		for at := s.Next(from); !at.After(to); at = s.Next(at) {
			got = append(got, at.UTC().Format(time.RFC3339))
		}
		for i, want := range tt.want {
			tt.want[i] = moment(t, want).UTC().Format(time.RFC3339)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q gives %v, want %v", tt.name, tt.expression, got, tt.want)
		}
	}
}

// The times of a schedule are one set of moments, from wherever one asks.
func TestNextIsTheSameFromEveryMomentBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := parseSchedule(t, drawExpression(t))
		from := time.Unix(rapid.Int64Range(1_300_000_000, 2_000_000_000).Draw(t, "from"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		next := s.Next(from)
		if !next.After(from) {
			t.Fatalf("%s: Next(%s) = %s", s, from.UTC(), next.UTC())
		}
		between := from.Add(time.Duration(rapid.Float64Range(0, 1).Draw(t, "part") * float64(next.Sub(from)-1)))
		if !between.Before(next) { // a float is too coarse for years in nanoseconds
			between = next.Add(-1)
		}
		if got := s.Next(between); !got.Equal(next) {
			t.Fatalf("%s: Next(%s) = %s, Next(%s) = %s", s, from.UTC(), next.UTC(), between.UTC(), got.UTC())
		}
		if got := s.Next(next.Add(-1)); !got.Equal(next) {
			t.Fatalf("%s: just before %s the next is %s", s, next.UTC(), got.UTC())
		}
	})
}

func drawExpression(t *rapid.T) string {
	minutes := rapid.SampledFrom([]string{"0", "30", "*/5", "*", "7,59"}).Draw(t, "minutes")
	hours := rapid.SampledFrom([]string{"*", "0", "2", "*/2", "1-3", "23"}).Draw(t, "hours")
	days := rapid.SampledFrom([]string{"* * *", "* * 0", "1 * *", "29 2 *", "* 3,10 0"}).Draw(t, "days")
	return "CRON_TZ=" + rapid.SampledFrom(zones).Draw(t, "zone") + " " + minutes + " " + hours + " " + days
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func parseSchedule(t fataler, expression string) config.Schedule {
	t.Helper()
	s, err := config.ParseSchedule(expression)
	if err != nil {
		t.Fatalf("ParseSchedule(%q): %v", expression, err)
	}
	return s
}

func moment(t fataler, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return at
}
