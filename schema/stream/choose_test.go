package stream_test

import (
	"errors"
	"testing"
	"time"

	"netsync/schema/stream"
)

func TestOneOfSeveralStreamsIsChosen(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	old := stream.Candidate{Dataset: "old", Changesets: 12}
	accident := stream.Candidate{Dataset: "accident", Changesets: 1}
	asked := stream.Candidate{Dataset: "asked", Changesets: 1, Chosen: day}
	back := stream.Candidate{Dataset: "back", Changesets: 3, Chosen: day.Add(time.Hour)}
	for name, c := range map[string]struct {
		all  []stream.Candidate
		want string
	}{
		"the only one":                        {[]stream.Candidate{accident}, "accident"},
		"the one with a history":              {[]stream.Candidate{accident, old}, "old"},
		"the one that was asked for":          {[]stream.Candidate{asked, old}, "asked"},
		"the one that was asked for last":     {[]stream.Candidate{asked, back, old}, "back"},
		"none of two that are alike":          {[]stream.Candidate{old, {Dataset: "other", Changesets: 2}}, ""},
		"none of two that only hold a import": {[]stream.Candidate{accident, {Dataset: "other"}}, ""},
	} {
		got, why, err := stream.Choose(c.all)
		if got.Dataset != c.want || (err == nil) != (c.want != "") || (why != "") != (c.want != "") {
			t.Errorf("%s: %q because %q, %v", name, got.Dataset, why, err)
		}
	}
	if _, _, err := stream.Choose(nil); !errors.Is(err, stream.ErrNoStream) {
		t.Errorf("without streams: %v", err)
	}
}
