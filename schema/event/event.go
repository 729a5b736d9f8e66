package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"netsync/schema"
)

// ContentType is the media type of a message (CloudEvents 1.0, JSON event
// format §3).
const ContentType = "application/cloudevents+json"

// A Type is the type of an event.
type Type string

// Types of events.
const (
	RecordCreated      Type = "netsync.record.created"
	RecordUpdated      Type = "netsync.record.updated"
	RecordRemoved      Type = "netsync.record.removed"
	RecordRestored     Type = "netsync.record.restored"
	ChangesetCompleted Type = "netsync.changeset.completed"
	FindingsChanged    Type = "netsync.findings.changed"
)

// An Event is a message of a dataset. Exactly one of Change, Changeset and
// Findings is set, according to Type.
type Event struct {
	ID      string
	Type    Type
	Dataset string
	Time    time.Time
	// Trace is the event's trace context; "" in events of old versions.
	Trace TraceParent

	Change    *Change
	Changeset *Changeset
	Findings  *Findings
}

// A Seq is the sequence number of a message in a dataset's stream.
type Seq uint64

// envelope is the wire format (CloudEvents 1.0 §3.1).
type envelope[T any] struct {
	SpecVersion     string      `json:"specversion"`
	ID              string      `json:"id"`
	Source          string      `json:"source"`
	Type            Type        `json:"type"`
	Subject         string      `json:"subject,omitempty"`
	Time            time.Time   `json:"time"`
	DataContentType string      `json:"datacontenttype"`
	TraceParent     TraceParent `json:"traceparent,omitempty"`
	Data            T           `json:"data"`
}

const (
	sourcePrefix = "/datasets/"
	typePrefix   = "netsync."
)

func (e Event) payloadOf() (any, error) {
	switch {
	case e.Change != nil && e.Type == e.Change.Op.Type():
		return e.Change, nil
	case e.Changeset != nil && e.Type == ChangesetCompleted:
		return e.Changeset, nil
	case e.Findings != nil && e.Type == FindingsChanged:
		return e.Findings, nil
	}
	return nil, fmt.Errorf("event %s: type %q does not fit its data", e.ID, e.Type)
}

func (e Event) subjectOf() string {
	if e.Change != nil {
		return e.Change.RecordID().String()
	}
	return ""
}

var (
	// ErrForeign is returned by Decode and DecodeMessage for a message that is
	// not an event of netsync.
	ErrForeign = errors.New("not a netsync event")
	// ErrLaterType is returned for an event type of a later version, which this
	// version can skip.
	ErrLaterType = errors.New("an event of a later version of netsync")
)

// Decode decodes an event. It ignores unknown members, so that later versions
// may add some. The error is ErrForeign or ErrLaterType; with the latter,
// Dataset and Type of the event are set.
func Decode(data []byte) (Event, error) {
	var env envelope[json.RawMessage]
	if err := json.Unmarshal(data, &env); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	e := Event{ID: env.ID, Type: env.Type, Time: env.Time}
	if env.SpecVersion != "1.0" || len(env.Source) <= len(sourcePrefix) || env.Source[:len(sourcePrefix)] != sourcePrefix {
		return Event{}, fmt.Errorf("%w: CloudEvents version %q, source %q", ErrForeign, env.SpecVersion, env.Source)
	}
	e.Dataset = env.Source[len(sourcePrefix):]
	if env.TraceParent.Valid() { // ignore malformed values (W3C Trace Context §4.3)
		e.Trace = env.TraceParent
	}
	var target any
	switch env.Type {
	case RecordCreated, RecordUpdated, RecordRemoved, RecordRestored:
		e.Change = &Change{}
		target = e.Change
	case ChangesetCompleted:
		e.Changeset = &Changeset{}
		target = e.Changeset
	case FindingsChanged:
		e.Findings = &Findings{}
		target = e.Findings
	default:
		if strings.HasPrefix(string(env.Type), typePrefix) {
			return e, fmt.Errorf("%w: type %q", ErrLaterType, env.Type)
		}
		return Event{}, fmt.Errorf("%w: type %q", ErrForeign, env.Type)
	}
	if err := json.Unmarshal(env.Data, target); err != nil {
		return Event{}, fmt.Errorf("%w: event %s: %w", ErrForeign, env.ID, err)
	}
	if e.Change != nil && (e.Change.Op.Type() != e.Type || !e.Change.RecordID().Valid()) {
		return Event{}, fmt.Errorf("%w: %s of record %s", ErrForeign, e.Type, e.Change.RecordID())
	}
	return e, nil
}

// subjectPrefix begins the subjects of all messages.
const subjectPrefix = "netsync."

// Subject returns the NATS subject that the event is published on.
func (e Event) Subject() string {
	switch {
	case e.Change != nil:
		return RecordSubject(e.Dataset, e.Change.RecordID())
	case e.Changeset != nil:
		return ChangesetSubject(e.Dataset)
	}
	return FindingsSubject(e.Dataset)
}

// RecordSubject returns netsync.<dataset>.<collection>.<id>.
func RecordSubject(dataset string, id schema.RecordID) string {
	return subjectPrefix + dataset + "." + string(id.Collection) + "." + id.ID
}

// ChangesetSubject returns netsync.<dataset>.changeset.
func ChangesetSubject(dataset string) string { return subjectPrefix + dataset + ".changeset" }

// FindingsSubject returns netsync.<dataset>.findings.
func FindingsSubject(dataset string) string { return subjectPrefix + dataset + ".findings" }

// AllSubjects returns the pattern of all subjects of a dataset.
func AllSubjects(dataset string) string { return subjectPrefix + dataset + ".>" }
