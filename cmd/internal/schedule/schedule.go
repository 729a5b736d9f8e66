// Package schedule runs jobs by cron schedules.
package schedule

import (
	"context"
	"time"

	"github.com/robfig/cron/v3"
	"go.uber.org/zap"
)

// A Job is something to do at certain times. Do should be cheap to call twice:
// around a change of the clocks a time of day can come twice, or not at all.
type Job struct {
	Name     string
	Schedule cron.Schedule
	Do       func(ctx context.Context)
}

// Run does the jobs at their times until ctx ends, then waits for those that
// are under way. A job that is still running when its time comes again is not
// started a second time; one that panics is logged and goes on the next time.
func Run(ctx context.Context, log *zap.Logger, jobs []Job) error {
	l := logger{log}
	// SkipIfStillRunning must be outermost: with Recover outside it, a panic
	// would leave the job marked as running for ever.
	c := cron.New(
		cron.WithLocation(time.UTC),
		cron.WithLogger(l),
		cron.WithChain(cron.SkipIfStillRunning(l), cron.Recover(l)),
	)
	for _, job := range jobs {
		c.Schedule(job.Schedule, cron.FuncJob(func() { job.Do(ctx) }))
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	return nil
}

// logger lets cron write to zap.
type logger struct{ log *zap.Logger }

func (l logger) Info(msg string, pairs ...any) {
	l.log.Sugar().Debugw(msg, pairs...)
}

func (l logger) Error(err error, msg string, pairs ...any) {
	l.log.Sugar().Errorw(msg, append(pairs, "error", err)...)
}
