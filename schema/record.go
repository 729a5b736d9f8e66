package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// A Collection names one of the folders of records in a dataset.
type Collection string

// The collections of format netsync/v1.
const (
	Networks      Collection = "networks"
	Organizations Collection = "organizations"
	Activities    Collection = "activities"
)

// Collections returns the collections in display order.
func Collections() []Collection { return []Collection{Networks, Organizations, Activities} }

// Valid reports whether c is a collection of the format.
func (c Collection) Valid() bool {
	return c == Networks || c == Organizations || c == Activities
}

// Singular returns the word for one record of the collection: "network".
func (c Collection) Singular() string {
	switch c {
	case Networks:
		return "network"
	case Organizations:
		return "organization"
	case Activities:
		return "activity"
	}
	return string(c)
}

// MaxIDLength is the maximum length of a record's id, in bytes.
const MaxIDLength = 64

var idPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ValidID reports whether id may name a dataset or a record. Ids become tokens
// of NATS subjects, file names and addresses, so no other ids are allowed
// anywhere.
func ValidID(id string) bool { return len(id) <= MaxIDLength && idPattern.MatchString(id) }

// A RecordID names one record of a dataset.
type RecordID struct {
	Collection Collection
	ID         string
}

// ParseRecordID parses "networks/una-europa".
func ParseRecordID(s string) (RecordID, error) {
	collection, id, ok := strings.Cut(s, "/")
	rid := RecordID{Collection(collection), id}
	if !ok || !rid.Valid() {
		return RecordID{}, fmt.Errorf("%q is not a record; write a collection and an id, such as networks/una-europa", s)
	}
	return rid, nil
}

// String returns "<collection>/<id>".
func (r RecordID) String() string { return string(r.Collection) + "/" + r.ID }

// Valid reports whether both parts are well-formed.
func (r RecordID) Valid() bool { return r.Collection.Valid() && ValidID(r.ID) }

// Compare orders by collection, then id, both as bytes.
func (r RecordID) Compare(other RecordID) int {
	return cmp.Or(cmp.Compare(r.Collection, other.Collection), cmp.Compare(r.ID, other.ID))
}

// A Record is one record in its published form.
type Record struct {
	ID RecordID
	// JSON is the record in RFC 8785 canonical JSON. It is never changed.
	JSON []byte
	// Digest is the digest of JSON.
	Digest Digest
}

// NewRecord returns a record of a normalized value.
func NewRecord(id RecordID, value any) (Record, error) {
	data, err := Canonical(value)
	if err != nil {
		return Record{}, fmt.Errorf("canonical form of %s: %w", id, err)
	}
	return Record{ID: id, JSON: data, Digest: DigestOf(data)}, nil
}

// Value decodes the record into maps, slices, strings, booleans, nil and
// json.Number.
func (r Record) Value() (map[string]any, error) {
	v, err := DecodeJSON(r.JSON)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", r.ID, err)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("decode %s: not an object", r.ID)
	}
	return m, nil
}

// Decode unmarshals the record into one of the record types.
func Decode[T Network | Organization | Activity](r Record) (T, error) {
	var v T
	err := decodeInto(r, &v)
	return v, err
}

func decodeInto(r Record, v any) error {
	if err := json.Unmarshal(r.JSON, v); err != nil {
		return fmt.Errorf("decode %s: %w", r.ID, err)
	}
	return nil
}
