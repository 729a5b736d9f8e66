package signup

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"strings"

	"go.uber.org/zap"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
)

// bouncesPath is where mail servers and services report bounces.
const bouncesPath = "POST /newsletter/bounces"

// maxReport is the maximum size of a report in bytes.
const maxReport = 1 << 20

// handleBounces handles a report: a message (RFC 3464), or JSON. It answers in
// JSON.
func (d *Desk) handleBounces(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if !d.mayReport(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="bounces"`)
		http.Error(w, "send the header Authorization: Bearer, with the token of newsletter.bounce_token", http.StatusUnauthorized)
		return
	}
	parse := subscribers.ParseReport
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		parse = subscribers.ParseFailures
	}
	failures, err := parse(http.MaxBytesReader(w, r.Body, maxReport))
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	b, err := d.Letter.Bounced(r.Context(), failures)
	switch {
	case errors.Is(err, context.Canceled): // the client has gone
	case errors.Is(err, fs.ErrNotExist):
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case err != nil:
		d.Log.Error("bounces not counted", zap.Error(err))
		http.Error(w, "the bounces could not be counted; report them again later", http.StatusServiceUnavailable)
	default:
		writeAnswer(w, b)
	}
}

func writeAnswer(w http.ResponseWriter, b newsletter.Bounced) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(b) // the client may have gone
}

// mayReport reports whether a request has the token, comparing in constant
// time.
func (d *Desk) mayReport(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(d.BounceToken))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}
