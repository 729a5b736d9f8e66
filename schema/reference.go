package schema

import (
	"slices"
	"strconv"
	"strings"
)

// References returns the records that a record refers to in its published
// form, each once, sorted.
func References(r Record) ([]RecordID, error) {
	value, err := r.Value()
	if err != nil {
		return nil, err
	}
	var found []RecordID
	ShapeOf(r.ID.Collection).Walk(value, func(s *Shape, value any, _ string) {
		if id, ok := value.(string); ok && s.Reference != "" {
			found = append(found, RecordID{s.Reference, id})
		}
	})
	slices.SortFunc(found, RecordID.Compare)
	return slices.Compact(found), nil
}

// Walk visits the value and all that lies within it, in no order, each with its
// shape and its place as a JSON pointer. A place about which the schema says
// nothing has an empty shape.
func (s *Shape) Walk(value any, visit func(s *Shape, value any, pointer string)) {
	s.walk(value, "", visit)
}

var unknown = &Shape{}

func (s *Shape) walk(value any, pointer string, visit func(*Shape, any, string)) {
	if s == nil {
		s = unknown
	}
	visit(s, value, pointer)
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			s.Items.walk(item, pointer+"/"+strconv.Itoa(i), visit)
		}
	case map[string]any:
		for key, item := range value {
			s.Property(key).walk(item, PointerTo(pointer, key), visit)
		}
	}
}

// PointerTo appends a token to a JSON pointer (RFC 6901 §3).
func PointerTo(pointer, token string) string {
	if strings.ContainsAny(token, "~/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
	}
	return pointer + "/" + token
}
