package github

import (
	"net/http"
	"sync"
)

// An Outcome is the outcome of a delivery.
type Outcome string

// Outcomes of deliveries.
const (
	Accepted       Outcome = "accepted"        // 202, also for an ignored type
	Unsigned       Outcome = "unsigned"        // 401
	WrongSignature Outcome = "wrong_signature" // 401
	SHA1Only       Outcome = "sha1_only"       // 401, even if the SHA-1 signature is valid
	Malformed      Outcome = "malformed"       // 400, although it is signed
	Replayed       Outcome = "replayed"        // 409: its id is known
	TooLarge       Outcome = "too_large"       // 413
	BrokenOff      Outcome = "broken_off"      // 400: the connection ended within the body
	WrongMethod    Outcome = "wrong_method"    // 405
)

// Outcomes returns all outcomes.
func Outcomes() []Outcome {
	return []Outcome{Accepted, Unsigned, WrongSignature, SHA1Only, Malformed, Replayed, TooLarge, BrokenOff, WrongMethod}
}

// statusCode returns the HTTP status of the answer.
func (o Outcome) statusCode() int {
	switch o {
	case Accepted:
		return http.StatusAccepted
	case Unsigned, WrongSignature, SHA1Only:
		return http.StatusUnauthorized
	case Replayed:
		return http.StatusConflict
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case WrongMethod:
		return http.StatusMethodNotAllowed
	}
	return http.StatusBadRequest
}

// explainOutcome returns what is wrong and what to do, for readers of the deliveries in
// GitHub's settings.
func (o Outcome) explainOutcome() string {
	switch o {
	case Unsigned:
		return "the delivery is not signed; set the webhook's secret to github.webhook_secret"
	case WrongSignature:
		return "the signature is wrong; set the webhook's secret to github.webhook_secret"
	case SHA1Only:
		return "the delivery has a SHA-1 signature only; X-Hub-Signature-256 is needed"
	case Replayed:
		return "a delivery with this id was here before; it has no effect again"
	case TooLarge:
		return "the delivery is too large; the schedule finds what it tells of"
	case BrokenOff:
		return "the delivery broke off"
	case WrongMethod:
		return "deliveries come by POST"
	}
	return "this is no delivery of GitHub's; set the webhook's content type to application/json"
}

// counts counts things by kind. The zero value is ready.
type counts[K comparable] struct {
	mu sync.Mutex
	n  map[K]uint64
}

func (c *counts[K]) add(kind K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = make(map[K]uint64)
	}
	c.n[kind]++
}

// countsOf returns the counts of the given kinds, 0 included.
func (c *counts[K]) countsOf(kinds []K) map[K]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[K]uint64, len(kinds))
	for _, kind := range kinds {
		all[kind] = c.n[kind]
	}
	return all
}
