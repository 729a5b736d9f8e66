package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"netsync/schema"
)

// formatJSON sorts the keys, and puts every value on a line of its own. Numbers
// and strings keep their notation.
func formatJSON(data []byte, shape *schema.Shape) ([]byte, error) {
	ordered, err := orderJSON(data, shape)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, ordered, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// A member is a key of a JSON object and its value, as written.
type member struct {
	name       string
	key, value []byte
}

// orderJSON returns a value with sorted keys.
func orderJSON(raw []byte, shape *schema.Shape) ([]byte, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case bytes.HasPrefix(raw, []byte("{")):
		return orderObject(raw, shape)
	case bytes.HasPrefix(raw, []byte("[")):
		return orderArray(raw, itemShape(shape))
	}
	return raw, nil
}

func orderObject(raw []byte, shape *schema.Shape) ([]byte, error) {
	members, err := membersOf(raw)
	if err != nil {
		return nil, err
	}
	sortKeys(members, shape, func(m member) string { return m.name })
	parts := make([][]byte, len(members))
	for i, m := range members {
		value, err := orderJSON(m.value, propertyShape(shape, m.name))
		if err != nil {
			return nil, err
		}
		parts[i] = fmt.Appendf(nil, "%s:%s", m.key, value)
	}
	return fmt.Appendf(nil, "{%s}", bytes.Join(parts, []byte(","))), nil
}

// membersOf returns the members of an object.
func membersOf(raw []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var members []member
	for dec.More() {
		start := dec.InputOffset()
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: fmt.Sprint(name), key: []byte(strings.TrimLeft(string(raw[start:dec.InputOffset()]), " \t\r\n,"))}
		if err := dec.Decode((*json.RawMessage)(&m.value)); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, nil
}

func orderArray(raw []byte, shape *schema.Shape) ([]byte, error) {
	var values []json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, err
	}
	parts := make([][]byte, len(values))
	for i, value := range values {
		var err error
		if parts[i], err = orderJSON(value, shape); err != nil {
			return nil, err
		}
	}
	return fmt.Appendf(nil, "[%s]", bytes.Join(parts, []byte(","))), nil
}
