package config_test

import (
	"io"
	"strings"
	"testing"

	"netsync/config"
)

// FuzzParse: no text crashes the parser; what is accepted prints; what is
// refused says why, with a remedy.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", full, "a: [", "feed: {schedule: 'TZ=UTC'}", "x: &a [*a, *a]", "{? {a: b} : c}", "log: !!map {level: info}", "nats: {url: ':@,@'}"} {
		f.Add([]byte(seed), "NETSYNC_FEED_ITEMS=3\nNETSYNC_X=1")
	}
	f.Fuzz(func(t *testing.T, data []byte, environ string) {
		if strings.Contains(environ, "_FILE=") {
			t.Skip("would read files of this machine")
		}
		c, err := config.Parse("netsync.yaml", data, strings.Split(environ, "\n"))
		if err == nil {
			if err := c.Print(io.Discard); err != nil {
				t.Fatal(err)
			}
			return
		}
		for _, e := range all(t, err) {
			if e.Problem == "" || e.Remedy == "" {
				t.Errorf("%#v lacks something", e)
			}
		}
	})
}

// FuzzSchedule: no expression crashes the parser or its next time.
func FuzzSchedule(f *testing.F) {
	for _, seed := range []string{"@every 1m", "TZ=UTC", "CRON_TZ=Europe/Amsterdam 0 8 * * MON", "*/7 1-3,5 ? 2 0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		s, err := config.ParseSchedule(expression)
		if err != nil {
			return
		}
		again, err := config.ParseSchedule(s.String())
		if err != nil || again.String() != s.String() {
			t.Errorf("%q became %q: %v", expression, again, err)
		}
	})
}
