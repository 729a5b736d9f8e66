package event

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode returns the event in its wire format.
func Encode(e Event) ([]byte, error) { return Append(nil, e) }

// Append appends the event in its wire format to data.
func Append(data []byte, e Event) ([]byte, error) {
	payload, err := e.payloadOf()
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(data)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false) // so that records stay canonical
	err = enc.Encode(envelope[any]{
		SpecVersion: "1.0", ID: e.ID, Source: sourcePrefix + e.Dataset, Type: e.Type, Subject: e.subjectOf(), Time: e.Time.UTC(),
		DataContentType: "application/json", TraceParent: e.Trace, Data: payload,
	})
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID, err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
