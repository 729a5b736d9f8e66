package stream

import (
	"strings"

	"netsync/schema"
	"netsync/schema/event"
)

func reportSetAside(r *Reader, m Message) {
	if r.OnSetAside != nil {
		r.OnSetAside(m)
	}
}

// Hidden lists what messages that are set aside hide from a reader of the last
// message of each subject. The zero value hides nothing.
type Hidden struct {
	Records   map[schema.RecordID]struct{} // records whose last event is hidden
	Changeset bool                         // the last changeset event is hidden
	Findings  bool                         // the last findings event is hidden
}

// Note records the next message of the stream. The caller must mark a changeset
// event that a fold rejected as set aside.
func (h *Hidden) Note(dataset string, m Message) {
	hides := m.SetAside != nil
	if !hides && !m.IsEvent() {
		return
	}
	switch m.Subject {
	case event.ChangesetSubject(dataset):
		h.Changeset = hides
		return
	case event.FindingsSubject(dataset):
		h.Findings = hides
		return
	}
	id, ok := recordOf(dataset, m.Subject)
	if !ok {
		return
	}
	if !hides {
		delete(h.Records, id)
		return
	}
	if h.Records == nil {
		h.Records = make(map[schema.RecordID]struct{})
	}
	h.Records[id] = struct{}{}
}

// recordOf returns the record whose events are on a subject.
func recordOf(dataset, subject string) (id schema.RecordID, ok bool) {
	name, ok := strings.CutPrefix(subject, strings.TrimSuffix(event.AllSubjects(dataset), ">"))
	if !ok {
		return id, false
	}
	collection, key, ok := strings.Cut(name, ".")
	id = schema.RecordID{Collection: schema.Collection(collection), ID: key}
	return id, ok && id.Valid()
}
