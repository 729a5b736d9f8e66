package schedule

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"netsync/config"
	"netsync/publishers/newsletter"
)

// Flags for longer runs, and to repeat a failed seed.
var (
	faultsN     = flag.Int("faults.n", 3, "how many seeds")
	faultsSeed  = flag.Uint64("faults.seed", 0, "the only seed")
	faultsYears = flag.Int("faults.years", 1, "how many years are simulated, 10 at most")
)

var begin = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// grace is the maximum delay for making up a missed run.
const grace = 24 * time.Hour

// forSeeds calls test with the given seed, or with several.
func forSeeds(t *testing.T, test func(t *testing.T, seed uint64, random *rand.Rand)) {
	first, n := cmp.Or(*faultsSeed, uint64(time.Now().UnixNano())), *faultsN
	if *faultsSeed != 0 {
		n = 1
	}
	for seed := first; seed < first+uint64(n); seed++ {
		t.Run(fmt.Sprintf("-faults.seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			test(t, seed, rand.New(rand.NewPCG(seed, 0)))
		})
	}
}

// For years, with every change of the clocks of Europe/Amsterdam, with processes
// that end and start at any moment and runs of any length, a job runs once for
// each time: at the first possible moment, if that is within the grace period
// and no later time is due.
func TestYearsOfSchedulesLoseAndDoubleNoRun(t *testing.T) {
	t.Parallel()
	end := begin.AddDate(*faultsYears, 0, 0)
	due := make([][]time.Time, len(expectations))
	for i, e := range expectations {
		due[i] = e.times(begin.AddDate(0, -4, 0), end.AddDate(0, 9, 0)) // the last life ends later
	}
	forSeeds(t, func(t *testing.T, _ uint64, random *rand.Rand) {
		synctest.Test(t, func(t *testing.T) {
			// All pauses are of synctest's time, and take none.
			time.Sleep(time.Until(begin))
			desks := openDesks(t, random.Uint64())
			for time.Now().Before(end) {
				live(t, desks, span(random, time.Minute, 60*24*time.Hour))
				time.Sleep(span(random, time.Second, 4*24*time.Hour))
			}
			runs := 0
			for i, d := range desks {
				d.compare(t, due[i])
				runs += len(d.runs)
			}
			t.Logf("%d runs in %d lives", runs, len(desks[0].free))
		})
	})
}

// live runs one process: like netsync's, it makes up for missed runs at its
// start, and runs its jobs.
func live(t *testing.T, desks []*desk, length time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var jobs []Job
	var missed sync.WaitGroup
	for _, d := range desks {
		d.began()
		missed.Go(func() { d.deal(ctx) })
		jobs = append(jobs, Job{Name: d.schedule.String(), Schedule: d.schedule, Do: d.deal})
	}
	r := runner{now: time.Now, checkInterval: time.Hour}
	if err := r.runJobs(ctx, zap.NewNop(), jobs); err != nil {
		t.Error(err)
	}
	missed.Wait()
	for _, d := range desks {
		d.ended()
		if n := len(d.free) - 1; d.free[n].from.Equal(d.free[n].to) {
			d.free = d.free[:n] // it was busy to the end
		}
	}
}

// A desk does one job like the newsletter does its digests: it handles the last
// time that is due, unless that was handled.
type desk struct {
	schedule config.Schedule
	random   *rand.Rand

	busy chan struct{} // holds one while it works; to the simulated clock, a mutex is no reason to go on
	last time.Time     // the last time that was dealt with
	runs []dealt
	free []interval // when somebody was there and had nothing to do
}

type dealt struct{ due, at time.Time }

type interval struct{ from, to time.Time }

func openDesks(t *testing.T, seed uint64) []*desk {
	var desks []*desk
	for i, e := range expectations {
		s, err := config.ParseSchedule(e.expression)
		if err != nil {
			t.Fatal(err)
		}
		if s.Fixed() != e.fixed {
			t.Errorf("%s: Fixed is %v", s, s.Fixed())
		}
		desks = append(desks, &desk{schedule: s, random: rand.New(rand.NewPCG(seed, uint64(i))), busy: make(chan struct{}, 1)})
	}
	return desks
}

func (d *desk) began() { d.free = append(d.free, interval{from: time.Now()}) }
func (d *desk) ended() { d.free[len(d.free)-1].to = time.Now() }

func (d *desk) deal(ctx context.Context) {
	d.busy <- struct{}{}
	defer func() { <-d.busy }()
	now := time.Now()
	due, ok := newsletter.Previous(d.schedule, now, grace)
	if !ok || !due.After(d.last) || ctx.Err() != nil {
		return
	}
	d.last = due
	d.runs = append(d.runs, dealt{due, now})
	if d.random.IntN(4) > 0 {
		return
	}
	d.ended()
	select {
	case <-time.After(span(d.random, time.Second, 5*time.Hour)):
	case <-ctx.Done():
	}
	d.began()
}

// compare holds the runs against the moments that were due.
func (d *desk) compare(t *testing.T, due []time.Time) {
	t.Helper()
	var want []dealt
	free := d.free
	for i, at := range due[:len(due)-1] {
		for len(free) > 0 && free[0].to.Before(at) {
			free = free[1:]
		}
		if len(free) == 0 {
			break
		}
		first := at
		if free[0].from.After(at) {
			first = free[0].from
		}
		if first.Before(due[i+1]) && first.Sub(at) <= grace {
			want = append(want, dealt{at, first})
		}
	}
	for i, w := range want {
		if i >= len(d.runs) || !w.due.Equal(d.runs[i].due) || !w.at.Equal(d.runs[i].at) {
			t.Errorf("%s: run %d is %v, want %v", d.schedule, i, d.runs[i:min(i+1, len(d.runs))], w)
			return
		}
	}
	if len(d.runs) > len(want) {
		t.Errorf("%s: %d runs, want %d; the first that is too many is %v", d.schedule, len(d.runs), len(want), d.runs[len(want)])
	}
}

// span draws a duration; short ones are as likely as long ones. It is never a
// whole number of seconds, so that nothing ends when it begins.
func span(random *rand.Rand, least, most time.Duration) time.Duration {
	d := least
	for d < most && random.IntN(4) > 0 {
		d *= 2
	}
	return min(d, most) + time.Duration(random.Int64N(int64(d)))/1000*1000 + time.Duration(1+random.IntN(999))
}

func TestTheOracleKnowsTheCalendar(t *testing.T) {
	t.Parallel()
	for at := begin; at.Year() < 2040; at = at.Add(7*time.Hour + 13*time.Minute) {
		want := wall{int(at.Month()), at.Day(), int(at.Weekday()), at.Hour(), at.Minute()}
		if got := wallAt(at.Unix() / 60); got != want {
			t.Fatalf("%s is %+v", at, got)
		}
	}
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, end := begin.In(zone).ZoneBounds(); end.Year() <= 2036; _, end = end.ZoneBounds() {
		found = append(found, end.UTC().Format(time.RFC3339))
	}
	var known []string
	for _, c := range changes[1:] {
		known = append(known, c.at)
	}
	if !slices.Equal(found, known) {
		t.Errorf("the clocks change at %v, the oracle has %v", found, known)
	}
}
