package github

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/google/go-github/v60/github"
	"go.uber.org/zap"
)

// A ReportOutcome is the outcome of an attempt to report.
type ReportOutcome string

// Outcomes of attempts to report.
const (
	Reported   ReportOutcome = "reported"   // something was written
	Unchanged  ReportOutcome = "unchanged"  // GitHub had it already
	Retried    ReportOutcome = "retried"    // it failed or had to wait, and is retried
	GivenUp    ReportOutcome = "given_up"   // GitHub does not accept it, or it is too old
	Superseded ReportOutcome = "superseded" // a newer report replaced it first
)

// ReportOutcomes returns all outcomes.
func ReportOutcomes() []ReportOutcome {
	return []ReportOutcome{Reported, Unchanged, Retried, GivenUp, Superseded}
}

// Times of the reporter.
const (
	minPause      = time.Second
	maxPause      = 5 * time.Minute
	maxAge        = 24 * time.Hour // of a report that cannot be made
	maxRejections = 8
	lookAgain     = 10 * time.Minute // for pull requests without a delivery
	grace         = 5 * time.Second  // for the remaining reports when the process ends
)

// Run makes the reports that were requested, and those on open pull requests that it
// finds, until ctx ends. Then it makes the remaining ones that it can within a grace of
// five seconds, and returns nil.
func (r *Reporter) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	ending := time.AfterFunc(grace, cancel)
	ending.Stop()
	defer ending.Stop()
	defer context.AfterFunc(ctx, func() { ending.Reset(grace) })()
	if r.config.Compare != nil {
		r.addJob(&job{key: "open pull requests", do: r.checkPulls, again: lookAgain})
	}
	for work.Err() == nil {
		j, wait := r.nextJob()
		switch {
		case j != nil:
			r.tryJob(work, j)
		case ctx.Err() != nil:
			return nil
		default:
			r.waitForJob(ctx, wait)
		}
	}
	return nil
}

// nextJob returns the job to do now; nil if there is none, and how long to wait.
func (r *Reporter) nextJob() (*job, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if rest := time.Until(r.quiet); rest > 0 {
		return nil, rest
	}
	return r.queue.nextDue(time.Now())
}

// waitForJob waits for a time, or until a job is added.
func (r *Reporter) waitForJob(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-r.news:
	case <-timer.C:
	}
}

// tryJob does a job, and keeps it for another try if it fails.
func (r *Reporter) tryJob(ctx context.Context, j *job) {
	wrote, err := j.do(ctx, j)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil || errors.Is(err, errNotShown) {
		r.pause, r.failed, r.since = 0, nil, time.Time{}
	}
	if err == nil {
		r.recordSuccess(j, wrote)
		return
	}
	j.tries++
	switch fault, wait := classifyError(err); fault {
	case unavailable:
		r.pause = max(minPause, min(2*r.pause, maxPause))
		r.quiet = time.Now().Add(max(wait, r.pause))
	case rejected:
		j.rejections++
		j.due = time.Now().Add(growPause(10*minPause, j.rejections))
	case elsewhere:
		j.due = time.Now().Add(growPause(minPause, j.tries))
	}
	if !errors.Is(err, errNotShown) {
		r.recordError(err)
		r.config.Log.Warn("not reported", zap.String("about", j.key), zap.Int("try", j.tries), zap.Error(err))
	}
	if j.again == 0 && (j.rejections >= maxRejections || time.Since(j.since) > maxAge) {
		r.counts.add(GivenUp)
		r.queue.finishJob(j) // until there is another report
		return
	}
	r.counts.add(Retried)
}

func (r *Reporter) recordSuccess(j *job, wrote bool) {
	outcome := Unchanged
	if wrote {
		outcome = Reported
		r.config.Log.Info("reported", zap.String("about", j.key))
	}
	if j.again == 0 {
		r.counts.add(outcome)
		r.queue.finishJob(j)
		return
	}
	j.tries, j.rejections = 0, 0
	j.since, j.due = time.Now(), time.Now().Add(j.again)
}

// recordError records why, and since when, reports fail.
func (r *Reporter) recordError(err error) {
	if r.failed == nil {
		r.since = time.Now()
	}
	r.failed = err
}

// growPause doubles a pause with each try, up to a limit.
func growPause(first time.Duration, tries int) time.Duration {
	pause := first
	for range tries - 1 {
		if pause = min(2*pause, maxPause); pause == maxPause {
			break
		}
	}
	return pause
}

// checkPulls lists the open pull requests to the branch: a delivery may have been lost.
// It skips those whose present head was reported on.
func (r *Reporter) checkPulls(ctx context.Context, _ *job) (bool, error) {
	open, _, err := r.api.PullRequests.List(ctx, r.owner, r.name, &github.PullRequestListOptions{
		State: "open", Base: r.config.Ref, Sort: "updated", Direction: "desc", ListOptions: github.ListOptions{PerPage: pageSize},
	})
	if err != nil {
		return false, wrapError("look for pull requests to "+strconv.Quote(r.config.Ref), err)
	}
	for _, p := range open {
		r.PullRequest(p.GetNumber(), p.GetHead().GetSHA())
	}
	return false, nil
}

// ReporterStatus describes the last work of a Reporter.
type ReporterStatus struct {
	Reports map[ReportOutcome]uint64 `json:"reports"`
	Waiting int                      `json:"waiting"` // reports that wait
	Error   string                   `json:"error,omitempty"`
	Failing time.Time                `json:"failing_since,omitzero"`
}

// Status returns the status of the reporter.
func (r *Reporter) Status() ReporterStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := ReporterStatus{Reports: r.counts.countsOf(ReportOutcomes()), Failing: r.since}
	for _, j := range r.queue.jobs {
		if j.again == 0 {
			s.Waiting++
		}
	}
	if r.failed != nil {
		s.Error = r.failed.Error()
	}
	return s
}
