// Package schedule runs jobs by cron schedules.
package schedule

import (
	"context"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"go.uber.org/zap"
)

// A Job is a function that runs on a schedule.
type Job struct {
	Name string
	// Schedule returns the times. If it has a method Fixed() bool that returns
	// true, these are times of day, which are not repeated after the clock is
	// set back.
	Schedule cron.Schedule
	Do       func(ctx context.Context)
}

// checkInterval is the maximum time between looks at the clock. A timer alone
// ends early or late after the machine slept or the clock was set.
const checkInterval = time.Minute

// Run runs the jobs at their times until ctx ends, then waits for running jobs.
// A job runs once for each of its times:
//
//   - A job that is still running at its next time runs again when it is done.
//     It never runs twice at once.
//   - After the machine slept or the clock was set forward, a job that was due
//     runs once, at most a minute late.
//   - After the clock was set back, see afterSetBack.
//
// A job that panics is logged, and runs again at its next time.
func Run(ctx context.Context, log *zap.Logger, jobs []Job) error {
	r := runner{
		// Without the monotonic reading, to use the wall clock.
		now:           func() time.Time { return time.Now().Round(0) },
		checkInterval: checkInterval,
	}
	return r.runJobs(ctx, log, jobs)
}

// A runner runs jobs by a clock.
type runner struct {
	now           func() time.Time
	checkInterval time.Duration
}

// runJobs uses a cron.Cron to hold and wrap the jobs, but does not start it: it
// would wait with one timer for the next time, and not notice a change of the
// clock.
func (r runner) runJobs(ctx context.Context, log *zap.Logger, jobs []Job) error {
	l := logger{log}
	c := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(l), cron.WithChain(cron.Recover(l)))
	for _, job := range jobs {
		c.Schedule(job.Schedule, cron.FuncJob(func() { job.Do(ctx) }))
	}
	var running sync.WaitGroup
	for _, entry := range c.Entries() {
		running.Go(func() { r.runJob(ctx, entry) })
	}
	<-ctx.Done()
	running.Wait()
	return nil
}

// runJob runs one job at its times.
func (r runner) runJob(ctx context.Context, job cron.Entry) {
	seen := r.now()
	due := job.Schedule.Next(seen)
	for !due.IsZero() && r.sleepFor(ctx, due.Sub(r.now())) {
		now := r.now()
		if now.Before(seen) {
			due = afterSetBack(job.Schedule, seen, now, due)
		}
		seen = now
		if !due.After(now) {
			job.WrappedJob.Run()
			due = job.Schedule.Next(now)
		}
	}
}

// sleepFor waits for d, but at most checkInterval. It returns false after ctx
// ended.
func (r runner) sleepFor(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(min(d, r.checkInterval))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// maxSetBack is the maximum time by which the clock is set back without being a
// correction of a wrong clock, as in Vixie cron.
const maxSetBack = 3 * time.Hour

// afterSetBack returns when a job is due after the clock was set back from seen
// to now, if it was due at due. Times of day before seen are not repeated,
// unless the clock was set back by more than maxSetBack. Other jobs continue at
// the first of their times that is not nearer than the next one was.
func afterSetBack(s cron.Schedule, seen, now, due time.Time) time.Time {
	if f, ok := s.(interface{ Fixed() bool }); ok && f.Fixed() {
		if seen.Sub(now) <= maxSetBack {
			return due
		}
		return s.Next(now)
	}
	return s.Next(now.Add(due.Sub(seen) - 1))
}

// A logger writes the log of cron to zap.
type logger struct{ log *zap.Logger }

func (l logger) Info(msg string, pairs ...any) {
	l.log.Sugar().Debugw(msg, pairs...)
}

func (l logger) Error(err error, msg string, pairs ...any) {
	l.log.Sugar().Errorw(msg, append(pairs, "error", err)...)
}
