package format

import (
	"fmt"

	"netsync/worker/yaml"
)

// An UnreadableError reports a file that cannot be read.
type UnreadableError struct {
	Problems []yaml.Problem // at least one
}

func (e *UnreadableError) Error() string {
	p := e.Problems[0]
	return fmt.Sprintf("%d:%d: %s", p.Range.Line, p.Range.Column, p.Message)
}

// An UnsafeError reports a file that is left unchanged, because its formatted
// form would differ in meaning.
type UnsafeError struct{ Reason string }

func (e *UnsafeError) Error() string {
	return "it cannot be formatted without a change of what it says: " + e.Reason
}
