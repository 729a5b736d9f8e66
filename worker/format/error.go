package format

import (
	"fmt"

	"netsync/worker/yaml"
)

// An UnreadableError says that a file cannot be read, so that nobody knows what
// it is meant to say.
type UnreadableError struct {
	Problems []yaml.Problem // one at least
}

func (e *UnreadableError) Error() string {
	p := e.Problems[0]
	return fmt.Sprintf("%d:%d: %s", p.Range.Line, p.Range.Column, p.Message)
}

// An UnsafeError says that a file is left as it is, because its formatted form
// would not say the same.
type UnsafeError struct{ Reason string }

func (e *UnsafeError) Error() string {
	return "it cannot be formatted without a change of what it says: " + e.Reason
}
