package schema

import (
	"slices"
	"strings"
)

// References returns the records that a record refers to in its published form,
// without duplicates, sorted.
func References(r Record) ([]RecordID, error) {
	value, err := r.Value()
	if err != nil {
		return nil, err
	}
	var found []RecordID
	ShapeOf(r.ID.Collection).WalkNames(value, func(s *Shape, id string, _ *Path) {
		if s.Reference != "" {
			found = append(found, RecordID{s.Reference, id})
		}
	})
	slices.SortFunc(found, RecordID.Compare)
	return slices.Compact(found), nil
}

// Walk visits the value and everything in it, in no order, each with its shape
// and place. visit must not keep the place. A place that the schema does not
// describe has an empty shape.
func (s *Shape) Walk(value any, visit func(s *Shape, value any, at *Path)) {
	s.walk(value, &Path{}, visit)
}

var unknown = &Shape{}

func (s *Shape) walk(value any, at *Path, visit func(*Shape, any, *Path)) {
	if s == nil {
		s = unknown
	}
	visit(s, value, at)
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			at.enterItem(i)
			s.Items.walk(item, at, visit)
			at.leaveValue()
		}
	case map[string]any:
		for key, item := range value {
			at.enterKey(key)
			s.Property(key).walk(item, at, visit)
			at.leaveValue()
		}
	}
}

// WalkNames visits the strings that name a record, a term or an image, each
// with its shape and place. visit must not keep the place. It looks only at
// places that can have such strings.
func (s *Shape) WalkNames(value any, visit func(s *Shape, name string, at *Path)) {
	s.walkNames(value, &Path{}, visit)
}

func (s *Shape) walkNames(value any, at *Path, visit func(*Shape, string, *Path)) {
	if s == nil || !s.leads {
		return
	}
	switch value := value.(type) {
	case string:
		if s.isName() {
			visit(s, value, at)
		}
	case []any:
		for i, item := range value {
			at.enterItem(i)
			s.Items.walkNames(item, at, visit)
			at.leaveValue()
		}
	case map[string]any:
		s.walkNamesIn(value, at, visit)
	}
}

func (s *Shape) walkNamesIn(object map[string]any, at *Path, visit func(*Shape, string, *Path)) {
	for _, name := range s.leading {
		if value, ok := object[name]; ok {
			at.enterKey(name)
			s.Properties[name].walkNames(value, at, visit)
			at.leaveValue()
		}
	}
	if s.Values == nil || !s.Values.leads {
		return
	}
	for name, value := range object {
		if s.Properties[name] == nil {
			at.enterKey(name)
			s.Values.walkNames(value, at, visit)
			at.leaveValue()
		}
	}
}

// PointerTo appends a token to a JSON pointer (RFC 6901 §3).
func PointerTo(pointer, token string) string {
	return pointer + "/" + escapeToken(token)
}

func escapeToken(token string) string {
	if strings.ContainsAny(token, "~/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
	}
	return token
}
