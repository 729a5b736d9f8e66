package github

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/go-github/v60/github"
)

// A fault is what an error of the API means for what is to be said.
type fault int

const (
	// elsewhere is a failure that has nothing to do with the API, such as of
	// Git; it concerns one report.
	elsewhere fault = iota
	// rejected is GitHub's no to one report. The same again is hardly taken.
	rejected
	// unavailable is GitHub down, or asking to be left alone: nothing can be
	// said at all.
	unavailable
)

// secondary is how long GitHub wants to be left alone where it does not say.
const secondary = time.Minute

// judge says what an error means, and how long GitHub asked to be left alone.
func judge(err error) (fault, time.Duration) {
	if limit, ok := errors.AsType[*github.RateLimitError](err); ok {
		return unavailable, untilReset(limit.Rate.Reset.Time)
	}
	if limit, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
		if limit.RetryAfter != nil {
			return unavailable, max(*limit.RetryAfter, time.Second)
		}
		return unavailable, secondary
	}
	if answer, ok := errors.AsType[*github.ErrorResponse](err); ok {
		return judgeAnswer(answer.Response)
	}
	if asked, ok := errors.AsType[*apiError](err); ok && !errors.Is(asked.err, context.Canceled) {
		return unavailable, 0
	}
	return elsewhere, 0
}

func judgeAnswer(r *http.Response) (fault, time.Duration) {
	if r.StatusCode >= 500 || r.StatusCode == http.StatusRequestTimeout {
		wait, _ := asked(r.Header)
		return unavailable, wait
	}
	wait, limited := asked(r.Header)
	if limited || r.StatusCode == http.StatusTooManyRequests {
		return unavailable, max(wait, time.Second)
	}
	return rejected, 0
}

// asked reads how long GitHub asks to be left alone, by either of its ways.
func asked(h http.Header) (time.Duration, bool) {
	if seconds, err := strconv.Atoi(h.Get("Retry-After")); err == nil {
		return time.Duration(max(seconds, 1)) * time.Second, true
	}
	if reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil && h.Get("X-RateLimit-Remaining") == "0" {
		return untilReset(time.Unix(reset, 0)), true
	}
	return 0, false
}

// untilReset is a second longer than it need be: the reset is given in whole
// seconds, of another clock.
func untilReset(t time.Time) time.Duration { return max(time.Until(t), 0) + time.Second }

// An apiError is a failure of a request to the API.
type apiError struct {
	doing string
	err   error
}

func (e *apiError) Error() string { return e.doing + ": " + e.err.Error() }
func (e *apiError) Unwrap() error { return e.err }

// doing wraps an error of a request; nil stays nil.
func doing(what string, err error) error {
	if err == nil {
		return nil
	}
	return &apiError{what, err}
}
