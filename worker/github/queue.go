package github

import (
	"context"
	"time"
)

// A job is one report to GitHub, composed again for each attempt.
type job struct {
	key    string // its subject; a newer job replaces an older one with the same key
	digest string // of its text; "" if that is not known before
	do     func(ctx context.Context, j *job) (wrote bool, err error)
	again  time.Duration // time until it is repeated; 0 means never

	since, due time.Time
	rejections int
	tries      int // since the last success
}

// A queue holds the jobs that wait. The newest is done first, as people look at that. It is
// not safe for concurrent use.
type queue struct {
	jobs []*job // oldest first
	// settled has the digest of the last report, by key.
	settled map[string]string
}

// Bounds of a queue.
const (
	maxJobs    = 1000
	maxSettled = 10_000
)

// addJob adds a job. It returns the job that it removes: the older one with the same
// key, or the oldest of too many; nil if there is none.
func (q *queue) addJob(j *job) (gone *job) {
	if j.digest != "" && q.settled[j.key] == j.digest {
		// The last report is correct again.
		return q.removeKey(j.key)
	}
	if i := q.indexOf(j.key); i >= 0 && j.digest != "" && q.jobs[i].digest == j.digest {
		return nil // the same job waits already
	}
	gone = q.removeKey(j.key)
	if gone == nil && len(q.jobs) >= maxJobs {
		gone, q.jobs = q.jobs[0], q.jobs[1:]
	}
	q.jobs = append(q.jobs, j)
	return gone
}

// nextDue returns the newest job that is due; nil if none is, and the longest time
// until one will be.
func (q *queue) nextDue(now time.Time) (j *job, wait time.Duration) {
	wait = time.Hour
	for _, j = range q.jobs {
		if rest := j.due.Sub(now); rest > 0 {
			wait = min(wait, rest)
		}
	}
	for i := len(q.jobs) - 1; i >= 0; i-- {
		if !q.jobs[i].due.After(now) {
			return q.jobs[i], 0
		}
	}
	return nil, wait
}

// finishJob removes a job that was done, unless a newer one replaced it meanwhile.
func (q *queue) finishJob(j *job) {
	if j.digest != "" {
		if q.settled == nil || len(q.settled) >= maxSettled {
			q.settled = make(map[string]string)
		}
		q.settled[j.key] = j.digest
	}
	q.dropJob(j)
}

// dropJob removes a job, unless a newer one replaced it.
func (q *queue) dropJob(j *job) {
	if q.hasJob(j) {
		q.removeKey(j.key)
	}
}

func (q *queue) hasJob(j *job) bool {
	i := q.indexOf(j.key)
	return i >= 0 && q.jobs[i] == j
}

func (q *queue) indexOf(key string) int {
	for i, j := range q.jobs {
		if j.key == key {
			return i
		}
	}
	return -1
}

func (q *queue) removeKey(key string) *job {
	i := q.indexOf(key)
	if i < 0 {
		return nil
	}
	gone := q.jobs[i]
	q.jobs = append(q.jobs[:i:i], q.jobs[i+1:]...)
	return gone
}
