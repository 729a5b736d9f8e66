package schema

import (
	"encoding/json"
	"maps"
	"strconv"
)

// A Context is the input to Normalize besides the record.
type Context struct {
	Language  string   // the default, for plain strings
	Languages []string // all languages of the dataset
	AsOf      Day      // the day for derived states
	// Image returns a valid image of the dataset by its path, or nil. If Image
	// is nil, a record's image properties stay unchanged.
	Image func(path string) *Image
}

// Normalize returns the published form of a valid record, or of the manifest if
// c is "": texts are language maps, dates are strings, defaults are filled in,
// and fields that follow from dates or from an image are derived. Records of
// the same meaning have the same published form. The value is not changed;
// other missing fields stay missing.
func Normalize(c Collection, value map[string]any, ctx Context) map[string]any {
	return normalizeRecord(c, value, ctx, false)
}

// NormalizeOwn is Normalize for a value that the caller no longer needs: it
// changes the value.
func NormalizeOwn(c Collection, value map[string]any, ctx Context) map[string]any {
	return normalizeRecord(c, value, ctx, true)
}

func normalizeRecord(c Collection, value map[string]any, ctx Context, own bool) map[string]any {
	out := ShapeOf(c).normalizeValue(value, ctx, own).(map[string]any)
	switch c {
	case Networks:
		deriveMembership(out, ctx.AsOf)
	case Activities:
		deriveActivity(out, ctx.AsOf)
	}
	if logo, ok := out["logo"].(map[string]any); ok && ctx.Image != nil {
		deriveLogo(logo, ctx.Image)
	}
	return out
}

func (s *Shape) normalizeValue(value any, ctx Context, own bool) any {
	switch s.Kind {
	case "text", "markdown":
		if text, ok := value.(string); ok {
			return map[string]any{ctx.Language: text}
		}
		return value
	case "edtf":
		return dateString(value)
	}
	switch value := value.(type) {
	case map[string]any:
		return s.normalizeObject(value, ctx, own)
	case []any:
		return s.normalizeArray(value, ctx, own)
	}
	return value
}

func (s *Shape) normalizeObject(value map[string]any, ctx Context, own bool) map[string]any {
	out := value
	if !own {
		out = maps.Clone(value)
	}
	for name, property := range s.Properties {
		if v, ok := value[name]; ok {
			out[name] = property.normalizeValue(v, ctx, own)
		} else if property.Default != nil {
			out[name] = property.normalizeValue(property.Default, ctx, false)
		}
	}
	if s.Values == nil {
		return out
	}
	for name, v := range value {
		if _, known := s.Properties[name]; !known {
			out[name] = s.Values.normalizeValue(v, ctx, own)
		}
	}
	return out
}

func (s *Shape) normalizeArray(value []any, ctx Context, own bool) []any {
	if s.Items == nil {
		return value
	}
	out := value
	if !own {
		out = make([]any, len(value))
	}
	for i, item := range value {
		out[i] = s.Items.normalizeValue(item, ctx, own)
	}
	return out
}

// dateString returns a date as a string: YAML decodes a year as a number.
func dateString(value any) any {
	switch v := value.(type) {
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case json.Number:
		return v.String()
	}
	return value
}

func deriveMembership(record map[string]any, on Day) {
	if membership, ok := record["membership"].(map[string]any); ok {
		membership["status"] = StatusOn(Networks, record, on)
	}
}

func deriveActivity(record map[string]any, on Day) {
	if status := StatusOn(Activities, record, on); status != "" {
		record["status"] = status
	}
}

// StatusOn returns the state of a network's membership or of an activity on a
// day. It follows from the dates or, for an activity without dates, from its
// own field; "" if unknown. The record may be in published form or as written.
func StatusOn(c Collection, record map[string]any, on Day) string {
	switch c {
	case Networks:
		membership, _ := record["membership"].(map[string]any)
		return string(MembershipStatus(dateIn(membership, "since"), dateIn(membership, "until"), on))
	case Activities:
		if status, ok := activityStatus(dateIn(record, "starts"), dateIn(record, "ends"), on); ok {
			return status
		}
		status, _ := record["status"].(string)
		return status
	}
	return ""
}

func dateIn(record map[string]any, key string) string {
	date, _ := dateString(record[key]).(string)
	return date
}
