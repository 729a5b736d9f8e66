package github

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/go-github/v60/github"

	"netsync/schema/shared/githubapi"
)

// A fault is the kind of an error, as far as it matters for reports.
type fault int

const (
	// elsewhere is a failure outside of the API, such as of Git. It concerns one report.
	elsewhere fault = iota
	// rejected means that GitHub refused one report. A repetition would be refused as well.
	rejected
	// unavailable means that GitHub is down or asks for a pause. It concerns all reports.
	unavailable
)

// classifyError returns the kind of an error, and the pause that GitHub asked for.
func classifyError(err error) (fault, time.Duration) {
	if pause, ok := githubapi.Limit(err); ok {
		return unavailable, pause
	}
	if answer, ok := errors.AsType[*github.ErrorResponse](err); ok {
		if status := answer.Response.StatusCode; status >= 500 || status == http.StatusRequestTimeout {
			return unavailable, 0
		}
		return rejected, 0
	}
	if asked, ok := errors.AsType[*apiError](err); ok && !errors.Is(asked.err, context.Canceled) {
		return unavailable, 0
	}
	return elsewhere, 0
}

// An apiError is a failure of a request to the API.
type apiError struct {
	doing string
	err   error
}

func (e *apiError) Error() string { return e.doing + ": " + e.err.Error() }
func (e *apiError) Unwrap() error { return e.err }

// wrapError wraps an error of a request; it returns nil for nil.
func wrapError(what string, err error) error {
	if err == nil {
		return nil
	}
	return &apiError{what, err}
}
