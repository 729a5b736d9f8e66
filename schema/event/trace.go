package event

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

// A TraceParent identifies the trace of an event (W3C Trace Context §3.2,
// version 00): "00-<trace id>-<span id>-01". It is the event's extension
// attribute traceparent (CloudEvents, Distributed Tracing) and the NATS header
// of the same name.
type TraceParent string

// TraceHeader is the name of the NATS header.
const TraceHeader = "traceparent"

// TraceID returns the trace id of a changeset: the first 16 bytes of the
// SHA-256 of its id, in hexadecimal. It is not random, so a retry after a crash
// writes the same bytes, and the trace can be found by the changeset.
func TraceID(changeset string) string { return hashID(changeset, 16) }

// TraceOf returns the trace context of the event with an id. All events of a
// changeset share its trace; the span is the first 8 bytes of the SHA-256 of
// the event's id.
func TraceOf(id string) TraceParent {
	changeset, _, _ := strings.Cut(id, ":")
	return TraceParent("00-" + TraceID(changeset) + "-" + hashID(id, 8) + "-01")
}

func hashID(id string, size int) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:size])
}

var traceForm = regexp.MustCompile(`^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$`)

// Valid reports whether the trace context has the format of version 00. Ids of
// only zeros are invalid.
func (t TraceParent) Valid() bool {
	m := traceForm.FindStringSubmatch(string(t))
	return m != nil && strings.Trim(m[1], "0") != "" && strings.Trim(m[2], "0") != ""
}
