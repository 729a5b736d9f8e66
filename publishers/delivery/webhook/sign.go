package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers of a delivery (Standard Webhooks 1.0.0, "Webhook Headers").
const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
)

// A Secret signs deliveries.
type Secret []byte

// Sizes of a secret in bytes (Standard Webhooks 1.0.0, "Signature scheme").
const (
	minSecret = 24
	maxSecret = 64
)

const secretPrefix = "whsec_"

// ParseSecret reads a secret as it is written down: "whsec_" and Base64 of 24 to
// 64 bytes.
func ParseSecret(s string) (Secret, error) {
	encoded, ok := strings.CutPrefix(s, secretPrefix)
	if !ok {
		return nil, fmt.Errorf("a secret begins with %s", secretPrefix)
	}
	secret, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("what follows %s is not Base64", secretPrefix) // and is not shown
	}
	if len(secret) < minSecret || len(secret) > maxSecret {
		return nil, fmt.Errorf("a secret has %d to %d bytes, not %d", minSecret, maxSecret, len(secret))
	}
	return secret, nil
}

// Sign is the signature of a delivery: "v1," and Base64 of the HMAC-SHA256 over
// "<id>.<seconds since 1970>.<body>".
func (s Secret) Sign(id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, s)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// tolerance is how far the clocks of sender and receiver may be apart.
const tolerance = 5 * time.Minute

// ErrForged is what Verify returns of a delivery that the secret has not signed,
// or that is too old or too new.
var ErrForged = errors.New("the delivery is not signed with this secret, or not now")

// Verify is for receivers: it reports whether a request with such headers and
// such a body was signed with the secret, within five minutes of now.
func (s Secret) Verify(h http.Header, body []byte, now time.Time) error {
	seconds, err := strconv.ParseInt(h.Get(headerTimestamp), 10, 64)
	if err != nil {
		return ErrForged
	}
	at := time.Unix(seconds, 0)
	if at.Before(now.Add(-tolerance)) || at.After(now.Add(tolerance)) {
		return ErrForged
	}
	want := s.Sign(h.Get(headerID), at, body)
	for signature := range strings.FieldsSeq(h.Get(headerSignature)) {
		if hmac.Equal([]byte(signature), []byte(want)) {
			return nil
		}
	}
	return ErrForged
}
