package schedule

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"netsync/config"
)

// If the machine sleeps, or its clock is set forward or back, a job runs once
// for each time of day, at most a minute late if the clock skipped it, and again
// only after a correction by many hours. Jobs at short intervals continue.
func TestSettingTheClockLosesAndDoublesNoRun(t *testing.T) {
	t.Parallel()
	forSeeds(t, func(t *testing.T, _ uint64, random *rand.Rand) {
		synctest.Test(t, func(t *testing.T) {
			// All pauses are of synctest's time, and take none.
			time.Sleep(time.Until(begin.AddDate(0, 2, 0)))
			c := &clock{steps: []step{{at: time.Now()}}}
			daily, frequent := c.job(t, inAmsterdam+"30 2,14 * * *"), c.job(t, "*/5 * * * *")
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() {
				r := runner{now: c.now, checkInterval: checkInterval}
				done <- r.runJobs(ctx, zap.NewNop(), []Job{daily.Job, frequent.Job})
			}()
			for range 200 {
				time.Sleep(10*time.Minute + time.Duration(random.Int64N(int64(30*time.Hour))))
				c.setClock(random)
			}
			time.Sleep(time.Hour)
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			c.checkFixed(t, daily.runs)
			c.checkSteady(t, frequent.runs, 5*time.Minute)
		})
	})
}

// A clock is a wall clock that differs from the time of the test by more with
// each step.
type clock struct {
	mu    sync.Mutex
	steps []step
}

type step struct {
	at time.Time
	by time.Duration // in all, from then on
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.steps[len(c.steps)-1].by)
}

func (c *clock) setClock(random *rand.Rand) {
	c.mu.Lock()
	defer c.mu.Unlock()
	by := c.steps[len(c.steps)-1].by
	switch random.IntN(4) {
	case 0: // a correction
		by -= maxSetBack + 10*time.Minute + span(random, time.Second, 20*time.Hour)
	case 1:
		by -= span(random, 2*time.Minute, maxSetBack/4)
	default:
		by += span(random, 4*time.Minute, 48*time.Hour)
	}
	c.steps = append(c.steps, step{time.Now(), by})
}

// counted is a job with the times when it ran.
type counted struct {
	Job
	runs []time.Time
}

func (c *clock) job(t *testing.T, expression string) *counted {
	s, err := config.ParseSchedule(expression)
	if err != nil {
		t.Fatal(err)
	}
	j := &counted{}
	j.Job = Job{Name: expression, Schedule: s, Do: func(context.Context) { j.runs = append(j.runs, time.Now()) }}
	return j
}

// checkFixed holds the runs against the moments at which the wall came to a
// time of day that it had not shown before.
func (c *clock) checkFixed(t *testing.T, runs []time.Time) {
	t.Helper()
	e := expectation{fixed: true, due: func(w wall, _ int64) bool { return (w.hour == 2 || w.hour == 14) && w.minute == 30 }}
	due := e.times(begin.AddDate(0, -4, 0), begin.AddDate(2, 0, 0))
	between := func(from, to time.Time) []time.Time {
		var found []time.Time
		for _, d := range due {
			if d.After(from) && !d.After(to) {
				found = append(found, d)
			}
		}
		return found
	}
	var windows, spare []interval
	high := c.steps[0].at
	for i, s := range c.steps {
		from, to := s.at.Add(s.by), time.Now().Add(s.by)
		if i+1 < len(c.steps) {
			to = c.steps[i+1].at.Add(s.by)
		}
		if i > 0 && s.by < c.steps[i-1].by-maxSetBack {
			// What is due before the next look at the clock may have been
			// met before the correction.
			high = from.Add(checkInterval)
			if len(between(from, high)) > 0 {
				spare = append(spare, interval{s.at, s.at.Add(checkInterval)})
			}
		}
		if len(between(high, from)) > 0 {
			windows = append(windows, interval{s.at, s.at.Add(checkInterval)})
		}
		for _, d := range between(latest(high, from), to) {
			at := d.Add(-s.by)
			windows = append(windows, interval{at, latest(at.Add(time.Millisecond), s.at.Add(checkInterval))})
		}
		high = latest(high, to)
	}
	if len(runs) > len(windows)+len(spare) {
		t.Errorf("%d runs, want %d", len(runs), len(windows))
	}
	covers := func(w interval, run time.Time) bool { return !run.Before(w.from) && !run.After(w.to) }
	for _, w := range windows {
		if !anyOf(runs, func(run time.Time) bool { return covers(w, run) }) {
			t.Errorf("no run from %s to %s", w.from, w.to)
		}
	}
	for _, run := range runs {
		if !anyOf(append(windows, spare...), func(w interval) bool { return covers(w, run) }) {
			t.Errorf("a run at %s", run)
		}
	}
	t.Logf("%d runs over %d steps of the clock", len(runs), len(c.steps)-1)
}

// checkSteady looks at the time that passes between two runs.
func (c *clock) checkSteady(t *testing.T, runs []time.Time, period time.Duration) {
	t.Helper()
	for i, run := range runs[1:] {
		longest, forward := period+time.Millisecond, false
		for n, s := range c.steps[1:] {
			if s.at.After(runs[i]) && !s.at.After(run) {
				longest += period + 2*checkInterval
				forward = forward || s.by > c.steps[n].by
			}
		}
		if gap := run.Sub(runs[i]); gap > longest || (gap < period-time.Millisecond && !forward && !c.justForward(runs[i])) {
			t.Errorf("%s between the runs at %s and %s", gap, runs[i], run)
		}
	}
}

// justForward reports whether a run made up for what was jumped over: the next
// one may follow soon.
func (c *clock) justForward(run time.Time) bool {
	for n, s := range c.steps[1:] {
		if s.by > c.steps[n].by && !run.Before(s.at) && run.Sub(s.at) <= checkInterval {
			return true
		}
	}
	return false
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func anyOf[T any](all []T, is func(T) bool) bool {
	for _, one := range all {
		if is(one) {
			return true
		}
	}
	return false
}
