package newsletter

import (
	"errors"
	"testing"
	"time"
)

func TestPausesGrowUntilSomebodyGetsTheDigest(t *testing.T) {
	t.Parallel()
	const m = time.Minute
	putOff := func(id string, sent int) func() (Report, error) {
		return func() (Report, error) {
			return Report{Digest: id, Sent: sent}, &UnfinishedError{Digest: id, Open: 1, Err: errors.New("busy")}
		}
	}
	a, b, some := putOff("a", 0), putOff("b", 0), putOff("a", 1)
	done := func() (Report, error) { return Report{Digest: "a", Sent: 1}, nil }
	away := func() (Report, error) { return Report{}, errors.New("the broker is away") }
	for name, c := range map[string]struct {
		tries []func() (Report, error)
		want  []time.Duration
	}{
		"put off again and again":   {[]func() (Report, error){a, a, a, a, a, a, a, a}, []time.Duration{m, 2 * m, 4 * m, 8 * m, 16 * m, 30 * m, 30 * m, 30 * m}},
		"somebody got it":           {[]func() (Report, error){a, a, a, some, a, a}, []time.Duration{m, 2 * m, 4 * m, m, m, 2 * m}},
		"another digest":            {[]func() (Report, error){a, a, b, b}, []time.Duration{m, 2 * m, m, 2 * m}},
		"it is finished":            {[]func() (Report, error){a, a, done, a}, []time.Duration{m, 2 * m, m, m}},
		"it is not the mail server": {[]func() (Report, error){away, away, away}, []time.Duration{m, m, m}},
	} {
		p := backoff{initial: m}
		for i, try := range c.tries {
			if got := p.nextPause(try()); got != c.want[i] {
				t.Errorf("%s: pause %d is %v, not %v", name, i, got, c.want[i])
			}
		}
	}
}
