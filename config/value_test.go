package config_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"netsync/config"
)

func TestSecretNeverShows(t *testing.T) {
	type holder struct {
		Secret  config.Secret
		Pointer *config.Secret
		Map     map[string]config.Secret
		URL     config.URL
	}
	s := config.Secret("hunter2")
	h := holder{s, &s, map[string]config.Secret{"x": s}, "nats://u:hunter2@h:4222,nats://hunter2@i,:hunter2@%"}
	var shown []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x", "%X", "%d", "%10.3s"} {
		shown = append(shown, fmt.Sprintf(verb, s), fmt.Sprintf(verb, h))
	}
	asJSON, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Dump(h)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "holder", h)
	shown = append(shown, string(asJSON), string(asYAML), log.String(), fmt.Sprint(s), fmt.Errorf("x %w %v", fmt.Errorf("%v", h), s).Error())
	for _, text := range shown {
		if strings.Contains(text, "hunter2") || strings.Contains(strings.ToLower(text), "68756e") {
			t.Errorf("shown: %s", text)
		}
	}
	if s.Reveal() != "hunter2" || s.String() != "[redacted]" || config.Secret("").String() != "" {
		t.Errorf("Reveal %q, String %q", s.Reveal(), s)
	}
	if got := h.URL.String(); got != "nats://[redacted]@h:4222,nats://[redacted]@i,[redacted]@%" {
		t.Errorf("URL prints %s", got)
	}
}

func TestSchedule(t *testing.T) {
	from := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC) // a Monday
	tests := []struct{ expression, next, problem string }{
		{expression: "@every 1m", next: "2026-03-02T12:01:00Z"},
		{expression: "@hourly", next: "2026-03-02T13:00:00Z"},
		{expression: "0 8 * * MON", next: "2026-03-09T08:00:00Z"},
		{expression: "CRON_TZ=Europe/Amsterdam 0 8 * * *", next: "2026-03-03T07:00:00Z"},
		{expression: "TZ=Asia/Tokyo @daily", next: "2026-03-02T15:00:00Z"},
		{expression: "0 0 29 2 *", next: "2028-02-29T00:00:00Z"},
		{expression: "0 0 31 2 *", problem: "has no time"},
		{expression: "@every 50000h", problem: "has no time"},
		{expression: "TZ=UTC", problem: "nothing after it"},
		{expression: "TZ=UTC ", problem: "nothing after it"},
		{expression: "CRON_TZ=", problem: "unknown time zone"},
		{expression: "TZ=../../etc/passwd 0 0 * * *", problem: "unknown time zone"},
		{expression: "TZ=Nowhere/Land 0 0 * * *", problem: "unknown time zone"},
		{expression: "TZ=UTC TZ=UTC", problem: "not a cron expression"},
		{expression: "", problem: "not a cron expression"},
		{expression: "* * * * * *", problem: "not a cron expression"},
		{expression: "@reboot", problem: "not a cron expression"},
		{expression: strings.Repeat("1,", 200) + "1 * * * *", problem: "longer than"},
	}
	for _, tt := range tests {
		s, err := config.ParseSchedule(tt.expression)
		if tt.problem != "" {
			if err == nil || !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("ParseSchedule(%q): %v, want %s", tt.expression, err, tt.problem)
			}
			continue
		}
		if err != nil {
			t.Errorf("ParseSchedule(%q): %v", tt.expression, err)
		} else if got := s.Next(from).UTC().Format(time.RFC3339); got != tt.next || s.IsZero() {
			t.Errorf("%q: next is %s, want %s", tt.expression, got, tt.next)
		}
	}
	if s := (config.Schedule{}); !s.IsZero() || !s.Next(from).IsZero() {
		t.Error("the zero schedule has a time")
	}
}

func TestScheduleIsInUTCWhateverTheMachinesZone(t *testing.T) {
	s, err := config.ParseSchedule("0 8 * * *")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.FixedZone("here", 9*60*60))
	if got := s.Next(from).UTC().Format(time.RFC3339); got != "2026-03-02T08:00:00Z" {
		t.Errorf("next is %s", got)
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]string{"24h": "24h", "90m": "1h30m", "7d": "168h", "0s": "0s", "1h0m30s": "1h0m30s", "10m": "10m", "0d": "0s"} {
		d, err := config.ParseDuration(text)
		if err != nil || d.String() != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %s", text, d, err, want)
		}
	}
	for _, text := range []string{"", "d", "1", "-1h", "-1d", "60000d", "1000000h", "1.5d", "one"} {
		if d, err := config.ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v", text, d)
		}
	}
}

func TestMailServer(t *testing.T) {
	tests := []struct {
		text string
		want config.SMTP
	}{
		{"localhost:1025", config.SMTP{Host: "localhost", Port: 1025}},
		{"[::1]:25", config.SMTP{Host: "::1", Port: 25}},
		{"smtp://mail.example.org", config.SMTP{Host: "mail.example.org", Port: 25}},
		{"smtps://mail.example.org", config.SMTP{Host: "mail.example.org", Port: 465, TLS: true}},
		{"smtp://u%40x:p%2F@mail.example.org:587/", config.SMTP{Host: "mail.example.org", Port: 587, User: "u@x", Password: "p/"}},
	}
	for _, tt := range tests {
		if got, ok := (config.Newsletter{SMTP: config.Secret(tt.text)}).Server(); !ok || got != tt.want {
			t.Errorf("%q: %+v, %v, want %+v", tt.text, got, ok, tt.want)
		}
	}
	for _, text := range []string{"", "localhost", ":25", "localhost:0", "localhost:x", "u:p@localhost:25", "ftp://x", "smtp://x/y"} {
		if got, ok := (config.Newsletter{SMTP: config.Secret(text)}).Server(); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
