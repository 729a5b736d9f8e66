package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted stands wherever a secret would be printed.
const redacted = "[redacted]"

// Secret is a text that does not show: every verb of fmt, JSON, YAML and text
// marshalling and structured logs print [redacted] for it, and nothing at all
// where it is empty, so that one can see whether it is set. The value comes
// out by [Secret.Reveal] only. Do not key a map by it: encoding/json writes
// keys of kind string as they are.
type Secret string

// Reveal returns the value.
func (s Secret) Reveal() string { return string(s) }

// String is [redacted], or empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString is for %#v.
func (s Secret) GoString() string { return s.String() }

// Format covers every verb, %x and %d as well, which would print the bytes.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText covers JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue is for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
