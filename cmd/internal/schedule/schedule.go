// Package schedule runs jobs by cron schedules.
package schedule

import (
	"context"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"go.uber.org/zap"
)

// A Job is something to do at certain times.
type Job struct {
	Name string
	// Schedule says when. One with a method Fixed() bool that returns true is
	// due at times of day, which a clock that is set back does not repeat.
	Schedule cron.Schedule
	Do       func(ctx context.Context)
}

// look is how often a job that waits looks at the clock. Timers do not: after
// the machine slept, or somebody set the clock, they end late or early.
const look = time.Minute

// Run does the jobs at their times until ctx ends, then waits for those that
// are under way. Every time that passes while Run runs is met once:
//
//   - A job that is still running when its time comes again begins once more
//     when it is done. It never runs twice at once.
//   - Where the machine slept or the clock was set forward, what was due
//     meanwhile is done once, late by a minute at most.
//   - Where the clock was set back, see afterSetBack.
//
// A job that panics is logged and goes on the next time.
func Run(ctx context.Context, log *zap.Logger, jobs []Job) error {
	r := runner{
		// Without the monotonic reading: what counts is the clock on the wall.
		now:  func() time.Time { return time.Now().Round(0) },
		look: look,
	}
	return r.run(ctx, log, jobs)
}

// A runner runs jobs by a clock.
type runner struct {
	now  func() time.Time
	look time.Duration
}

// run keeps the jobs in a cron.Cron, which it does not start: that waits with
// one timer for the next of its times, and does not notice a change of the
// clock before.
func (r runner) run(ctx context.Context, log *zap.Logger, jobs []Job) error {
	l := logger{log}
	c := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(l), cron.WithChain(cron.Recover(l)))
	for _, job := range jobs {
		c.Schedule(job.Schedule, cron.FuncJob(func() { job.Do(ctx) }))
	}
	var running sync.WaitGroup
	for _, entry := range c.Entries() {
		running.Go(func() { r.keep(ctx, entry) })
	}
	<-ctx.Done()
	running.Wait()
	return nil
}

// keep runs one job at its times.
func (r runner) keep(ctx context.Context, job cron.Entry) {
	seen := r.now()
	due := job.Schedule.Next(seen)
	for !due.IsZero() && r.sleep(ctx, due.Sub(r.now())) {
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

// sleep waits for d, but not longer than until the next look at the clock. It
// reports whether ctx has not ended.
func (r runner) sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(min(d, r.look))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// correction is how far back the clock must be set for the time before to have
// been wrong. It is that of Vixie's cron.
const correction = 3 * time.Hour

// afterSetBack says when a job is due after the clock was set back from seen
// to now, where it was due at due. Times of day that came already do not come
// a second time, unless the clock was corrected by many hours. Other jobs go
// on as if nothing had happened: at the first of their times that is not
// nearer than the next one was.
func afterSetBack(s cron.Schedule, seen, now, due time.Time) time.Time {
	if f, ok := s.(interface{ Fixed() bool }); ok && f.Fixed() {
		if seen.Sub(now) <= correction {
			return due
		}
		return s.Next(now)
	}
	return s.Next(now.Add(due.Sub(seen) - 1))
}

// logger lets cron write to zap.
type logger struct{ log *zap.Logger }

func (l logger) Info(msg string, pairs ...any) {
	l.log.Sugar().Debugw(msg, pairs...)
}

func (l logger) Error(err error, msg string, pairs ...any) {
	l.log.Sugar().Errorw(msg, append(pairs, "error", err)...)
}
