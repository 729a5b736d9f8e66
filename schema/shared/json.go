package shared

import (
	"bytes"
	"encoding/json"
	"io"
)

// EncodeJSON encodes a value as one line of JSON in which canonical records stay as they
// are: it does not escape <, > and &.
func EncodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	err := WriteJSON(&b, v, "")
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// WriteJSON writes a value as EncodeJSON does, indented, and a line feed.
func WriteJSON(w io.Writer, v any, indent string) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", indent)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
