package githubapi

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/go-github/v60/github"
)

// secondary is how long GitHub wants to be left alone if it does not say
// ("Rate limits for the REST API").
const secondary = time.Minute

// Limit returns how long GitHub asked not to be called, by an error of its
// client. ok is false if it did not ask.
func Limit(err error) (pause time.Duration, ok bool) {
	if limit, ok := errors.AsType[*github.RateLimitError](err); ok {
		return untilReset(limit.Rate.Reset.Time), true
	}
	if limit, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
		if limit.RetryAfter != nil {
			return max(*limit.RetryAfter, time.Second), true
		}
		return secondary, true
	}
	answer, ok := errors.AsType[*github.ErrorResponse](err)
	if !ok || answer.Response == nil {
		return 0, false
	}
	return answerLimit(answer.Response)
}

// answerLimit reads the header fields Retry-After and X-RateLimit-*.
func answerLimit(r *http.Response) (time.Duration, bool) {
	if seconds, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil {
		return time.Duration(max(seconds, 1)) * time.Second, true
	}
	if reset, err := strconv.ParseInt(r.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil && r.Header.Get("X-RateLimit-Remaining") == "0" {
		return untilReset(time.Unix(reset, 0)), true
	}
	if r.StatusCode == http.StatusTooManyRequests {
		return secondary, true
	}
	return 0, false
}

// untilReset is a second longer than it need be: the reset is given in whole
// seconds, of another clock.
func untilReset(t time.Time) time.Duration { return max(time.Until(t), 0) + time.Second }
