package schedule_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"netsync/cmd/internal/schedule"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// every is due at fixed intervals; cron's own @every knows whole seconds only.
type every time.Duration

func (e every) Next(t time.Time) time.Time { return t.Add(time.Duration(e)) }

func TestAPanicDoesNotSilenceAJob(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var runs atomic.Int32
	err := schedule.Run(ctx, zap.NewNop(), []schedule.Job{{
		Name:     "panics",
		Schedule: every(time.Millisecond),
		Do: func(context.Context) {
			if runs.Add(1) == 3 {
				cancel()
			}
			panic("on purpose")
		},
	}})
	if err != nil || runs.Load() < 3 {
		t.Fatalf("Run() = %v after %d runs", err, runs.Load())
	}
}

func TestAJobDoesNotRunTwiceAtOnceAndIsWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var running, most, done atomic.Int32
	ticks := make(chan struct{}, 100)
	jobs := []schedule.Job{
		{Name: "slow", Schedule: every(time.Millisecond), Do: func(ctx context.Context) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			<-ctx.Done()
			done.Add(1)
		}},
		{Name: "ticks", Schedule: every(time.Millisecond), Do: func(context.Context) {
			ticks <- struct{}{}
			if len(ticks) == 20 {
				cancel()
			}
		}},
	}
	if err := schedule.Run(ctx, zap.NewNop(), jobs); err != nil {
		t.Fatal(err)
	}
	if most.Load() != 1 || done.Load() != 1 || running.Load() != 0 {
		t.Fatalf("at most %d ran at once, %d ended, %d still run", most.Load(), done.Load(), running.Load())
	}
}
